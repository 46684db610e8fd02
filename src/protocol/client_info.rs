//! Entra's `client_info`: who the user is at home, whichever tenant signed them in.

use super::base64url;
use crate::error::ResponseError;

/// The user in the home tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientInfo {
    /// The object id there.
    pub uid: String,
    /// The home tenant.
    pub utid: String,
}

impl ClientInfo {
    /// Reads base64url of `{"uid":…,"utid":…}`.
    ///
    /// # Errors
    /// [`ResponseError::ClientInfo`] when it is anything else.
    pub fn parse(text: &str) -> Result<Self, ResponseError> {
        let read = || {
            let info = base64url::decode_json(text)?;
            let part = |name| info.text_of(name).filter(|part| !part.is_empty()).map(ToOwned::to_owned);
            Some(ClientInfo { uid: part("uid")?, utid: part("utid")? })
        };
        read().ok_or(ResponseError::ClientInfo)
    }

    /// `uid.utid`: MSAL's `homeAccountId`.
    pub fn home_account_id(&self) -> String {
        [self.uid.as_str(), ".", &self.utid].concat()
    }
}
