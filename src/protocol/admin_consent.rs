//! Consent by an administrator, for a whole organization: the platform's own endpoint, for which no metadata speaks.

use super::{Authority, FormWriter, form, metadata::CONSUMERS};
use crate::{
    error::ServerReply,
    scope::{ApplicationIdUri, ScopeSet},
    text::{cut, parts},
};

/// A request to an administrator. The answer comes in the query of the redirect URI.
#[derive(Debug)]
pub struct AdminConsentRequest<'a> {
    /// The client.
    pub client_id: &'a str,
    /// Where the answer goes.
    pub redirect_uri: &'a str,
    /// Permissions by name, or one API's `.default`.
    pub scopes: &'a ScopeSet,
    /// Ties the answer to this request; `None` for a link that someone else opens.
    pub state: Option<&'a str>,
}

/// The parameters that an answer adds to the redirect URI.
const PARAMETERS: [&str; 8] =
    ["admin_consent", "error", "error_description", "error_subcode", "error_uri", "scope", "state", "tenant"];

impl AdminConsentRequest<'_> {
    /// The address to send the administrator of `tenant` to.
    pub fn to_url(&self, authority: &Authority, tenant: &str) -> String {
        // The endpoint takes a tenant, or whichever organization the administrator signs in to.
        let tenant = if matches!(tenant, "common" | "consumers" | CONSUMERS) { "organizations" } else { tenant };
        let mut query = FormWriter::default();
        query
            .add("client_id", self.client_id)
            .add("redirect_uri", self.redirect_uri)
            .add("scope", &self.scopes.qualified().to_parameter())
            .add_if("state", self.state);
        query.finish_url(&[authority.origin(), "/", tenant, "/v2.0/adminconsent"].concat())
    }
}

/// What an administrator answered. The `tenant` that it names is not read: anybody can write one.
#[derive(Debug)]
pub struct AdminConsentResponse {
    /// `state`
    pub state: Option<String>,
    /// What was consented to, where the answer says it; or the refusal.
    pub answer: Result<Option<String>, ServerReply>,
}

impl AdminConsentResponse {
    /// Reads the query of a page's address; `None` if it is the page's own.
    pub fn parse(query: &str) -> Option<Self> {
        let parameters = form::parse(query);
        let owned = |name| parameters.text_of(name).map(ToOwned::to_owned);
        let consented = owned("admin_consent")?;
        // First: `admin_consent` is True beside an error as well.
        let answer = match parameters.text_of("error") {
            Some(_) => Err(ServerReply::read(&parameters, &[]).after_interaction()),
            None if consented.eq_ignore_ascii_case("true") => Ok(owned("scope")),
            None => Err(ServerReply::new("access_denied", "the administrator did not consent").after_interaction()),
        };
        Some(AdminConsentResponse { state: owned("state"), answer })
    }

    /// A page's address without the answer in its query.
    pub fn removed_from(address: &str) -> String {
        let (front, fragment) = cut(address, b'#').map_or((address, None), |(front, after)| (front, Some(after)));
        let (mut clean, query) =
            cut(front, b'?').map_or((front.to_owned(), ""), |(path, after)| (path.to_owned(), after));
        let mut separator = '?';
        for pair in parts(query, b'&') {
            let name = form::decode(cut(pair, b'=').map_or(pair, |(name, _)| name));
            if !pair.is_empty() && !PARAMETERS.contains(&name.as_str()) {
                clean.push(separator);
                clean.push_str(pair);
                separator = '&';
            }
        }
        if let Some(fragment) = fragment {
            clean.push('#');
            clean.push_str(fragment);
        }
        clean
    }

    /// The permissions that an answer names, for a request for `asked`; what was asked for where it names none.
    pub fn consented(named: Option<&str>, asked: &ScopeSet) -> ScopeSet {
        let resource = asked.resource().unwrap_or_else(|_| ApplicationIdUri::graph());
        let named = named.map(|text| ScopeSet::granted(text, &resource).permissions());
        named.filter(|named| !named.is_empty()).unwrap_or_else(|| asked.clone())
    }
}
