/** An app as its authors write it for msal-react. Where `client` comes from is the bundle's to say. */
import { EventType, InteractionRequiredAuthError, InteractionType } from "@azure/msal-browser";
import { AuthenticatedTemplate, MsalProvider, UnauthenticatedTemplate, useMsal, useMsalAuthentication } from "@azure/msal-react";
import { PublicClientApplication } from "client";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const { configuration, orders, address } = await (await fetch("/config.json")).json();
const READ_PROFILE = { scopes: ["User.Read"] };
const READ_ORDERS = { scopes: [`${orders}/Orders.Read`] };
const client = new PublicClientApplication(configuration);
client.addEventCallback(({ payload }) => client.setActiveAccount(payload), [EventType.LOGIN_SUCCESS]);

/** Asks for a token as soon as it is shown, in the given way if the user is needed. */
function Orders({ way }) {
  const { result, error } = useMsalAuthentication(way, READ_ORDERS);
  const [answer, setAnswer] = useState();
  const read = async () => {
    const response = await fetch(address, { headers: { Authorization: `Bearer ${result.accessToken}` } });
    setAnswer((await response.json()).orders.length);
  };
  return (
    <section>
      <p data-testid="refusal">{error && `${error instanceof InteractionRequiredAuthError} ${error.errorCode}`}</p>
      <p data-testid="granted">{result?.scopes.join()}</p>
      {result && <button onClick={read}>Read</button>}
      <p data-testid="orders">{answer}</p>
    </section>
  );
}

function App() {
  const { instance, accounts, inProgress } = useMsal();
  const [way, setWay] = useState();
  return (
    <main>
      <output data-testid="status">{inProgress}</output>
      <AuthenticatedTemplate>
        <p data-testid="user">{accounts.map(({ username }) => username).join()}</p>
        <button onClick={() => setWay(InteractionType.Redirect)}>Orders</button>
        <button onClick={() => setWay(InteractionType.Popup)}>Orders in a window</button>
        {way && <Orders key={way} way={way} />}
        <button onClick={() => instance.logoutPopup()}>Sign out in a window</button>
        <button onClick={() => instance.logoutRedirect()}>Sign out</button>
      </AuthenticatedTemplate>
      <UnauthenticatedTemplate>
        <button onClick={() => instance.loginPopup(READ_PROFILE).catch(({ errorCode }) => { window.refusal = errorCode; })}>Sign in in a window</button>
        <button onClick={() => instance.loginRedirect(READ_PROFILE)}>Sign in</button>
      </UnauthenticatedTemplate>
    </main>
  );
}

createRoot(document.body).render(
  <StrictMode>
    <MsalProvider instance={client}>
      <App />
    </MsalProvider>
  </StrictMode>,
);
