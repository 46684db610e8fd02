//! A single-page app in Rust: it signs in, asks for a second permission when that is needed, calls an API and signs out.

#![cfg(target_arch = "wasm32")]

mod auth;
mod page;

use auth::Auth;
use consentry::prelude::*;
use page::Page;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

struct App {
    auth: Auth,
    page: Page,
    /// What the page asks for when it is needed.
    orders: ScopeSet,
}

#[wasm_bindgen(start)]
async fn start() {
    let Some(page) = Page::find() else { return };
    if let Err(error) = run(page.clone()).await {
        page.show_error(&error);
    }
}

async fn run(page: Page) -> Result<(), Error> {
    let auth = Auth::new(&page.setting("client-id"), &page.setting("authority"))?;
    if auth.is_messenger() {
        return Ok(());
    }
    let orders = ScopeSet::parse([[page.setting("orders-uri").as_str(), "/Orders.Read"].concat().as_str()], "scopes")?;
    let app = Rc::new(App { auth, page, orders });
    if let Err(failure) = app.auth.start().await {
        app.page.show_error(&failure.error);
    }
    app.show();
    for (button, act) in [("sign-in", Act::SignIn), ("show-orders", Act::ShowOrders), ("sign-out", Act::SignOut)] {
        let app = Rc::clone(&app);
        app.page.clone().on_click(button, move || {
            let app = Rc::clone(&app);
            spawn_local(async move { app.act(act).await });
        });
    }
    Ok(())
}

/// What the user can do.
#[derive(Clone, Copy)]
enum Act {
    SignIn,
    ShowOrders,
    SignOut,
}

impl App {
    async fn act(&self, act: Act) {
        self.page.say("error", "");
        self.page.say("state", "working");
        let outcome = match act {
            Act::SignIn => self.auth.sign_in().await,
            Act::ShowOrders => self.show_orders().await,
            Act::SignOut => self.auth.sign_out().await,
        };
        if let Err(error) = outcome {
            self.page.show_error(&error);
        }
        self.show();
    }

    /// Calls the API, once the user has allowed that.
    async fn show_orders(&self) -> Result<(), Error> {
        let Some(result) = self.auth.token_or_ask(&self.orders).await? else {
            return Ok(());
        };
        let url = [self.page.setting("orders-origin").as_str(), "/orders"].concat();
        let answer = page::call(&url, result.token.secret.expose()).await;
        let (status, text) = answer.unwrap_or_else(|_| (0, "No answer from the API.".to_owned()));
        self.page.say("token", if result.from_cache { "kept" } else { "new" });
        self.page.say("status", &status.to_string());
        self.page.say("orders", &text);
        Ok(())
    }

    /// Shows who is signed in, and what a click would do.
    fn show(&self) {
        let account = self.auth.account();
        let name = account.as_ref().map(|account| account.name().unwrap_or_else(|| account.username()));
        self.page.say("name", name.unwrap_or_default());
        for (part, is_shown) in [("signed-out", account.is_none()), ("signed-in", account.is_some())] {
            self.page.show(part, is_shown);
        }
        self.page.say(
            "show-orders",
            match self.auth.plan(&self.orders) {
                Ok(Interaction::Consent) => "Allow and show orders",
                Ok(Interaction::Declined) => "You did not allow to show orders",
                _ => "Show orders",
            },
        );
        self.page.say("state", "ready");
    }
}
