//! Consent by an administrator: leave the page, or open a window, with a question; take the answer from the address.

use super::{AdminConsentRequest, AdminConsentResult, PublicClient, RedirectFailure, frame::state_of};
use crate::{
    cache::{AccountFilter, keys},
    error::{ConfigError, Error, ResponseError},
    json::{self, Object, Value},
    platform::{Area, Platform},
    protocol::{self, AdminConsentResponse, without_fragment},
    scope::{ScopeSet, is_guid},
    text::cut,
};

/// How long an answer is waited for, in seconds.
const LONGEST: u64 = 86_400;

/// The request that is waited for.
struct Waiting<'a> {
    state: &'a str,
    asked: ScopeSet,
    start_page: &'a str,
    kept: &'a Value,
}

impl<P: Platform> PublicClient<P> {
    /// A link for an administrator: whoever opens it needs no session here.
    ///
    /// # Errors
    /// [`Error::Config`] for a request that can't be sent.
    pub fn admin_consent_url(&self, request: &AdminConsentRequest<'_>) -> Result<String, Error> {
        self.admin_url(request, None)
    }

    /// Leaves the page.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::Browser`], and [`Error::Usage`] for a page that asks over and over.
    pub async fn begin_admin_consent(&self, request: &AdminConsentRequest<'_>) -> Result<(), Error> {
        let (url, _) = self.keep_admin_consent(request, false)?;
        self.platform.navigate(&url, false).await?;
        Ok(())
    }

    /// The address of a window to open, and the name by which it will send its answer.
    ///
    /// # Errors
    /// As [`begin_admin_consent`](Self::begin_admin_consent).
    pub fn open_admin_consent(&self, request: &AdminConsentRequest<'_>) -> Result<(String, String), Error> {
        self.keep_admin_consent(request, true)
    }

    /// Takes an answer: `sent` from a window, or from the page's address.
    ///
    /// # Errors
    /// [`Error::Server`] when the administrator declined or the server refused, [`Error::Response`] for an answer to
    /// another request than the one that is waited for. Nothing of it is remembered.
    pub async fn finish_admin_consent(
        &self,
        sent: Option<&str>,
    ) -> Result<Option<AdminConsentResult>, RedirectFailure> {
        let key = keys::admin_consent(&self.config.client_id, self.config.authority.as_str());
        let kept = self.kept(&key);
        let query = self.query().filter(|query| AdminConsentResponse::parse(query).is_some());
        let brought = sent.or(kept.text_of("response"));
        let is_here = brought.is_none();
        let text = brought.or(query.as_deref()).unwrap_or_default();
        let Some(response) = AdminConsentResponse::parse(text) else {
            return Ok(None);
        };
        let Some(waiting) = self.read_admin_consent(&kept) else {
            // A link was followed, or it is another client's answer; but a window's was waited for.
            return if sent.is_some() { Err(ResponseError::StateMismatch.into()) } else { Ok(None) };
        };
        let is_right = response.state.as_deref() == Some(waiting.state);
        if is_here {
            let clean = AdminConsentResponse::removed_from(&self.platform.page()?);
            let is_there = without_fragment(waiting.start_page) == without_fragment(&clean);
            if is_right && !is_there {
                self.carry_admin_consent(&key, &kept, text)?;
                self.platform.navigate(waiting.start_page, true).await?;
                return Ok(None);
            }
            self.platform.replace_address(if is_right { waiting.start_page } else { &clean })?;
        }
        if !is_right {
            return Err(ResponseError::StateMismatch.into());
        }
        self.platform.write(Area::Session, &key, None)?;
        self.conclude_admin_consent(response, &waiting).await.map(Some)
    }

    /// Whether there may be an administrator's answer: given, in the address, or carried here.
    pub fn may_be_admitted(&self, sent: Option<&str>) -> bool {
        let key = keys::admin_consent(&self.config.client_id, self.config.authority.as_str());
        sent.is_some() || !matches!(self.kept(&key), Value::Null) || self.query().is_some()
    }

    async fn conclude_admin_consent(
        &self,
        response: AdminConsentResponse,
        waiting: &Waiting<'_>,
    ) -> Result<AdminConsentResult, RedirectFailure> {
        let text = |name| waiting.kept.text_of(name).map(ToOwned::to_owned);
        let correlation_id = text("correlationId");
        match response.answer {
            Ok(named) => {
                let scopes = AdminConsentResponse::consented(named.as_deref(), &waiting.asked);
                self.admit(&scopes.union(&waiting.asked)).await;
                let correlation_id = correlation_id.unwrap_or_default();
                Ok(AdminConsentResult { scopes, app_state: text("appState"), correlation_id })
            }
            Err(mut reply) => {
                reply.missing = Value::from(&waiting.asked);
                Err(RedirectFailure { error: reply.into(), app_state: text("appState"), correlation_id })
            }
        }
    }

    /// What only an administrator could grant may be asked for again. Not more: only a token tells what was granted, and
    /// the answer may speak of any organization.
    async fn admit(&self, scopes: &ScopeSet) {
        self.forget_refusal();
        for account in self.accounts(AccountFilter::default()) {
            self.learn(&account.key, &mut |consent| consent.admit(scopes)).await;
        }
    }

    fn keep_admin_consent(&self, request: &AdminConsentRequest<'_>, is_popup: bool) -> Result<(String, String), Error> {
        let state = state_of(&self.random::<32>()?, is_popup);
        let url = self.admin_url(request, Some(&state))?;
        let start_page = self.start_page(request.start_page)?;
        let interactions = self.interactions()?;
        let kept = Object::default()
            .with("state", state.as_str())
            .with("asked", request.scopes.to_parameter())
            .with("startPage", AdminConsentResponse::removed_from(&start_page))
            .with("appState", request.app_state)
            .with("correlationId", request.correlation_id)
            .with("createdOn", self.platform.now());
        self.keep_for_answer(
            &keys::admin_consent(&self.config.client_id, self.config.authority.as_str()),
            &json::text(&kept.finish()),
        )?;
        self.keep_interactions(&interactions)?;
        Ok((url, state))
    }

    fn carry_admin_consent(&self, key: &str, kept: &Value, response: &str) -> Result<(), Error> {
        let mut carried = Object::default().with("response", response);
        if let Value::Object(members) = kept {
            for (name, value) in members {
                carried = carried.with(name, value.clone());
            }
        }
        Ok(self.platform.write(Area::Session, key, Some(&json::text(&carried.finish())))?)
    }

    fn read_admin_consent<'a>(&self, kept: &'a Value) -> Option<Waiting<'a>> {
        let created_on = kept.member("createdOn").and_then(Value::as_seconds)?;
        (self.platform.now() < created_on.saturating_add(LONGEST)).then_some(Waiting {
            state: kept.text_of("state")?,
            asked: ScopeSet::stored(Some(kept.text_of("asked")?)),
            // Checked again, as it leads somewhere: a text of the storage may be anybody's.
            start_page: kept.text_of("startPage").filter(|page| self.start_page(Some(page)).is_ok())?,
            kept,
        })
    }

    fn admin_url(&self, request: &AdminConsentRequest<'_>, state: Option<&str>) -> Result<String, Error> {
        if !self.config.authority.is_platform() {
            let expected = "`AAD`: other servers have no consent by an administrator";
            return Err(ConfigError::Field { field: "system.protocolMode", expected }.into());
        }
        request.scopes.check_default()?;
        let scopes = &request.scopes.permissions();
        if scopes.is_empty() {
            return Err(ConfigError::NoPermission.into());
        }
        let account = match request.account {
            Some(named) => Some(self.account(Some(named))?),
            None => self.account(None).ok(),
        };
        let tenant = account.as_ref().map(|account| account.key.tenant_id.as_str()).filter(|tenant| is_guid(tenant));
        let redirect_uri =
            &self.address(request.redirect_uri.or(self.config.redirect_uri.as_deref()), "redirectUri")?;
        let message = protocol::AdminConsentRequest { client_id: &self.config.client_id, redirect_uri, scopes, state };
        Ok(message.to_url(&self.config.authority, tenant.unwrap_or(self.config.authority.tenant())))
    }

    /// The query of the page's address.
    pub(super) fn query(&self) -> Option<String> {
        let page = self.platform.page().ok()?;
        cut(without_fragment(&page), b'?').map(|(_, query)| query.to_owned())
    }
}
