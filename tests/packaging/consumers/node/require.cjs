const { PublicClientApplication } = require("consentry");
const { tokenCredential } = require("consentry/adapters");
const { explain } = require("consentry/explain");

console.log(JSON.stringify([PublicClientApplication, tokenCredential, explain].map((it) => typeof it)));
