//! What a server says of itself and of its users, and how an app of its is configured.

use super::server::{Server, USERS};
use crate::{
    browser::{Answer, Sent, http},
    provider::ISSUER,
    server::{self, CLIENT_ID},
};
use serde_json::{Value as Json, json};

impl Server {
    pub(super) fn user_info(&self, sent: &Sent) -> Answer {
        if let Some(answer) = self.faults.of_get(&self.chance) {
            return answer;
        }
        let access_tokens = self.access_tokens.borrow();
        let access =
            access_tokens.get(sent.bearer.as_deref().unwrap_or_default()).expect("the token is of this server");
        if self.chance.is(10) {
            return Ok(http(401, &json!({})));
        }
        Ok(http(200, &json!({ "sub": self.subject(access.user), "email": USERS[access.user].name })))
    }
}

pub(super) fn strict_metadata() -> Json {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/auth"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/me"),
        "jwks_uri": "https://keys.example/one",
        "end_session_endpoint": format!("{ISSUER}/end"),
        "authorization_response_iss_parameter_supported": true,
    })
}

/// The configuration of an app of this server's.
pub(super) fn configuration(is_strict: bool, location: &str, [is_sealed, may_frame]: [bool; 2]) -> Json {
    let authority = if is_strict { ISSUER } else { server::AUTHORITY };
    json!({
        "auth": { "clientId": CLIENT_ID, "authority": authority },
        "cache": { "cacheLocation": location, "encryption": is_sealed },
        "system": { "protocolMode": if is_strict { "OIDC" } else { "AAD" }, "allowSilentFrame": may_frame },
    })
}
