//! Who the user is, as the server says when it is asked (OpenID Connect Core section 5.3).

use super::{PublicClient, SilentRequest};
use crate::{
    cache::{Account, AccountFilter, AccountKey, Record},
    error::{Error, UsageError, UserInfoError},
    json::Value,
    platform::Platform,
    protocol::UserInfoRequest,
};
use std::rc::Rc;

impl<P: Platform> PublicClient<P> {
    /// The claims of an account's user.
    ///
    /// # Errors
    /// As [`acquire_silent`](Self::acquire_silent), whose token is sent; [`Error::InteractionRequired`] also when the server takes a
    /// new one as little as the one that was there; [`Error::Server`] for any other refusal; [`Error::Response`] when the server
    /// has no such endpoint, and for an answer that is of somebody else or of nobody.
    pub async fn load_user_info(
        &self,
        account: Option<AccountFilter<'_>>,
        correlation_id: &str,
    ) -> Result<Value, Error> {
        let mut account = self.meant(account).await?;
        let metadata = self.metadata().await?;
        if metadata.userinfo_endpoint.is_none() {
            return Err(UserInfoError::Unsupported.into());
        }
        let mut force_refresh = false;
        loop {
            // No permission is named: a token for the scopes of OpenID Connect, which on the platform are Microsoft Graph's.
            let silent = SilentRequest {
                account: Some((&*account.key).into()),
                force_refresh,
                correlation_id,
                ..SilentRequest::default()
            };
            let token = Box::pin(self.acquire_silent(&silent)).await?.token;
            // A user flow may have given none.
            if token.secret.expose().is_empty() {
                return Err(UserInfoError::Unsupported.into());
            }
            let request = UserInfoRequest { access_token: &token.secret, subject: "" };
            let response = self.platform.send(request.to_http(&metadata)?).await?;
            if response.status == 401 && !force_refresh {
                force_refresh = true;
                continue;
            }
            // The user may have signed out while the server was answering: what is gone stays gone.
            account = self.account(Some((&*account.key).into()))?;
            let subject = account.id_token.claim("sub").unwrap_or_default();
            let claims = UserInfoRequest { subject, ..request }.claims(&response)?;
            if !metadata.is_platform {
                self.learn_names(&account.key, &claims).await;
            }
            return Ok(claims);
        }
    }

    /// Keeps how somebody is called whose ID token does not say it. Not kept is no harm.
    async fn learn_names(&self, account: &AccountKey, claims: &Value) {
        let change = &mut || {
            let cache = self.cache.borrow();
            // The user may have signed out meanwhile.
            let account = cache.account(account).ok_or(UsageError::NoAccount)?;
            let told = |known, names: [&str; 2]| match account.id_token.claim(known) {
                Some(_) => None,
                None => names.into_iter().find_map(|name| claims.text_of(name)).map(ToOwned::to_owned),
            };
            let username = told("preferred_username", ["preferred_username", "email"]);
            let name = told("name", ["name"; 2]);
            if username == account.username && name == account.name {
                return Ok(Vec::new());
            }
            let account = Account { username, name, ..Account::clone(account) };
            Ok(Vec::from([cache.put(&Record::Account(Rc::new(account)))]))
        };
        let _ = self.change(change).await;
    }
}
