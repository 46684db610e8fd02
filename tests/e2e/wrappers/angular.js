/** An app as its authors write it for msal-angular, compiled in the browser. Where `client` comes from is the bundle's to say; `way`, how it asks the user, is the test's. */
import "@angular/compiler";
import { HTTP_INTERCEPTORS, HttpClient, provideHttpClient, withInterceptorsFromDi } from "@angular/common/http";
import { Component, inject, provideZonelessChangeDetection, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideRouter, Router, RouterOutlet } from "@angular/router";
import {
  MSAL_GUARD_CONFIG, MSAL_INSTANCE, MSAL_INTERCEPTOR_CONFIG, MsalBroadcastService, MsalGuard, MsalInterceptor, MsalService,
} from "@azure/msal-angular";
import { EventType, InteractionType } from "@azure/msal-browser";
import { PublicClientApplication } from "client";

const { configuration, orders, address } = await (await fetch("/config.json")).json();
const interactionType = window.way === "popup" ? InteractionType.Popup : InteractionType.Redirect;

@Component({ selector: "app-home", template: "<p>Home</p>" })
class Home {}

@Component({
  selector: "app-orders",
  template: `<button (click)="read()">Read</button> <p data-testid="orders">{{ count() }}</p>`,
})
class Orders {
  http = inject(HttpClient);
  count = signal(undefined);
  read() {
    this.http.get(address).subscribe(({ orders: list }) => this.count.set(list.length));
  }
}

@Component({
  selector: "body",
  imports: [RouterOutlet],
  template: `
    <output data-testid="status">{{ status() }}</output>
    <p data-testid="user">{{ user() }}</p>
    <button (click)="router.navigateByUrl('/orders')">Orders</button>
    <button (click)="auth.logoutPopup().subscribe()">Sign out in a window</button>
    <button (click)="auth.logoutRedirect().subscribe()">Sign out</button>
    <router-outlet />`,
})
class App {
  router = inject(Router);
  auth = inject(MsalService);
  status = signal("");
  user = signal("");
  constructor() {
    const events = inject(MsalBroadcastService);
    events.inProgress$.subscribe((status) => {
      this.status.set(status);
      if (status === "none") this.tell();
    });
    events.msalSubject$.subscribe(({ eventType }) => eventType === EventType.LOGIN_SUCCESS && this.tell());
    this.auth.handleRedirectObservable().subscribe();
  }
  tell() {
    this.user.set(this.auth.instance.getAllAccounts().map(({ username }) => username).join());
  }
}

await bootstrapApplication(App, {
  providers: [
    provideZonelessChangeDetection(),
    provideRouter([{ path: "", component: Home }, { path: "orders", component: Orders, canActivate: [MsalGuard] }]),
    provideHttpClient(withInterceptorsFromDi()),
    { provide: HTTP_INTERCEPTORS, useClass: MsalInterceptor, multi: true },
    { provide: MSAL_INSTANCE, useFactory: () => new PublicClientApplication(configuration) },
    { provide: MSAL_GUARD_CONFIG, useValue: { interactionType, authRequest: { scopes: ["User.Read"] } } },
    { provide: MSAL_INTERCEPTOR_CONFIG, useValue: { interactionType, protectedResourceMap: new Map([[address, [`${orders}/Orders.Read`]]]) } },
    MsalService,
    MsalGuard,
    MsalBroadcastService,
  ],
});
