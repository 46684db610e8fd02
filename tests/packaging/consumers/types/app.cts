import consentry = require("consentry");

export const accounts: consentry.AccountInfo[] = new consentry.PublicClientApplication({ auth: { clientId: "a client" } }).getAllAccounts();
