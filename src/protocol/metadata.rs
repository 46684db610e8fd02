//! The server's metadata (OpenID Connect Discovery section 3, RFC 8414).

use super::{Authority, authority::EXTERNAL_ID, url};
use crate::{
    error::ResponseError,
    json::Value,
    scope::is_guid,
    text::{cut, cut_last},
};

/// The tenant of personal Microsoft accounts, which `consumers` stands for.
pub(super) const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The letters of a GUID.
const GUID_LENGTH: usize = 36;
/// What an issuer has in the place of a tenant where the authority names none.
const ANY_TENANT: &str = "{tenantid}";

/// Where the server's endpoints are and what it calls itself.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Whether the server is of the Microsoft identity platform: nobody else is sent what only it knows.
    pub is_platform: bool,
    /// `issuer`; may have `{tenantid}` in it.
    pub issuer: String,
    /// `authorization_endpoint`
    pub authorization_endpoint: String,
    /// `token_endpoint`
    pub token_endpoint: String,
    /// `authorization_response_iss_parameter_supported`: whether its answers say whose they are (RFC 9207 section 3)
    pub is_named_in_answers: bool,
    /// `jwks_uri`: where the keys are that it signs with
    pub jwks_uri: String,
    /// `prompt_values_supported`: whether it asks the user for consent when told to; it does where it does not say
    /// (Initiating User Registration via OpenID Connect section 4)
    pub takes_consent_prompt: bool,
    /// `pushed_authorization_request_endpoint` (RFC 9126 section 5)
    pub pushed_authorization_request_endpoint: Option<String>,
    /// `require_pushed_authorization_requests`: whether it takes no others
    pub requires_pushed_requests: bool,
    /// `userinfo_endpoint`: who the user is (OpenID Connect Core section 5.3)
    pub userinfo_endpoint: Option<String>,
    /// `end_session_endpoint` (OpenID Connect RP-Initiated Logout section 2.1)
    pub end_session_endpoint: Option<String>,
}

impl Metadata {
    /// That of Microsoft's clouds, for an authority whose issuer shows from its name: nobody has to be asked.
    pub fn built_in(authority: &Authority) -> Option<Self> {
        let tenant = authority.tenant().to_ascii_lowercase();
        let issued_by = match tenant.as_str() {
            "common" | "organizations" => ANY_TENANT,
            "consumers" => CONSUMERS,
            guid if is_guid(guid) => guid,
            // Which GUID a domain's tenant has is for the server to say.
            _domain => return None,
        };
        let endpoint = |path: &str| [authority.as_str(), path].concat();
        let graph = authority.cloud()?;
        Some(Metadata {
            is_platform: true,
            issuer: [authority.origin(), "/", issued_by, "/v2.0"].concat(),
            authorization_endpoint: endpoint("/oauth2/v2.0/authorize"),
            token_endpoint: endpoint("/oauth2/v2.0/token"),
            is_named_in_answers: false,
            jwks_uri: endpoint("/discovery/v2.0/keys"),
            takes_consent_prompt: true,
            pushed_authorization_request_endpoint: None,
            requires_pushed_requests: false,
            userinfo_endpoint: graph.map(|host| ["https://", host, "/oidc/userinfo"].concat()),
            end_session_endpoint: Some(endpoint("/oauth2/v2.0/logout")),
        })
    }

    /// Reads a document that the developer vouches for.
    ///
    /// # Errors
    /// [`ResponseError::Metadata`] with the field.
    pub fn parse(document: &Value) -> Result<Self, ResponseError> {
        Ok(Metadata {
            is_platform: true,
            issuer: document.text_of("issuer").ok_or(ResponseError::Metadata("issuer"))?.to_owned(),
            authorization_endpoint: endpoint(document, "authorization_endpoint")?
                .ok_or(ResponseError::Metadata("authorization_endpoint"))?,
            token_endpoint: endpoint(document, "token_endpoint")?.ok_or(ResponseError::Metadata("token_endpoint"))?,
            is_named_in_answers: is_true(document, "authorization_response_iss_parameter_supported"),
            jwks_uri: endpoint(document, "jwks_uri")?.ok_or(ResponseError::Metadata("jwks_uri"))?,
            takes_consent_prompt: document
                .member("prompt_values_supported")
                .and_then(Value::as_array)
                .is_none_or(|values| values.iter().any(|value| value.as_str() == Some("consent"))),
            pushed_authorization_request_endpoint: endpoint(document, "pushed_authorization_request_endpoint")?,
            requires_pushed_requests: is_true(document, "require_pushed_authorization_requests"),
            userinfo_endpoint: endpoint(document, "userinfo_endpoint")?,
            end_session_endpoint: endpoint(document, "end_session_endpoint")?,
        })
    }

    /// Reads a document that was fetched from `authority`, whose issuer it has to be.
    ///
    /// # Errors
    /// [`ResponseError::Metadata`] with the field.
    pub fn parse_discovered(document: &Value, authority: &Authority) -> Result<Self, ResponseError> {
        let mut metadata = Metadata::parse(document)?;
        metadata.is_platform = authority.is_platform();
        if is_issuer_of(&metadata.issuer, authority) { Ok(metadata) } else { Err(ResponseError::Metadata("issuer")) }
    }

    /// Whether an answer is of this server (RFC 9207 section 2.4): one that names another is not, and neither is one that names none
    /// where the server always does.
    ///
    /// # Errors
    /// [`ResponseError::AnswerIssuer`].
    pub fn check_answer(&self, issuer: Option<&str>) -> Result<(), ResponseError> {
        let is_own = match (issuer, cut(&self.issuer, b'{').filter(|_| self.is_platform)) {
            (None, _) => !self.is_named_in_answers,
            (Some(issuer), None) => issuer == self.issuer,
            // Any tenant, where the server leaves a place for one.
            (Some(issuer), Some((before, _))) => {
                let tid = issuer.strip_prefix(before).and_then(|rest| rest.get(..GUID_LENGTH));
                self.issuer_for(tid).as_deref() == Some(issuer)
            }
        };
        if is_own { Ok(()) } else { Err(ResponseError::AnswerIssuer) }
    }

    /// Where authorization requests are pushed to, if they are: where the server demands it, or, if that `is_wanted`, wherever it takes
    /// them so. The platform does neither.
    ///
    /// # Errors
    /// [`ResponseError::Metadata`] when it demands them, and does not say where.
    pub fn push_to(&self, is_wanted: bool) -> Result<Option<&str>, ResponseError> {
        if self.is_platform || !(is_wanted || self.requires_pushed_requests) {
            return Ok(None);
        }
        match self.pushed_authorization_request_endpoint.as_deref() {
            None if self.requires_pushed_requests => {
                Err(ResponseError::Metadata("pushed_authorization_request_endpoint"))
            }
            endpoint => Ok(endpoint),
        }
    }

    /// The issuer of a token for tenant `tid`, to be compared letter by letter; `None` if the two don't fit.
    pub fn issuer_for(&self, tid: Option<&str>) -> Option<String> {
        if self.is_platform { fill_tenant(&self.issuer, tid) } else { Some(self.issuer.clone()) }
    }
}

/// An issuer with a tenant in the place that the platform leaves for it; `None` if the two don't fit.
pub(super) fn fill_tenant(issuer: &str, tid: Option<&str>) -> Option<String> {
    let Some((before, after)) = cut(issuer, b'{') else {
        return Some(issuer.to_owned());
    };
    let after = after.strip_prefix("tenantid}")?;
    tid.filter(|tid| is_guid(tid)).map(|tid| [before, tid, after].concat())
}

/// The issuer is the authority's own (Discovery section 4.3), with what the platform documents: `{tenantid}` where
/// the authority names no tenant, a tenant's GUID where it names one by domain, a slash at the end and perhaps the policy for B2C,
/// and for External ID a host that is named after the tenant.
fn is_issuer_of(issuer: &str, authority: &Authority) -> bool {
    if !authority.is_platform() {
        return issuer == authority.as_str();
    }
    let own = issuer.strip_prefix(authority.origin()).and_then(|path| path.strip_prefix('/'));
    let tenant = if authority.is_policy() {
        own.and_then(|path| policy_tenant(path, authority))
    } else {
        own.and_then(|path| path.strip_suffix("/v2.0")).or_else(|| external_tenant(issuer))
    };
    tenant.is_some_and(|tenant| match authority.tenant().to_ascii_lowercase().as_str() {
        "common" | "organizations" => tenant == ANY_TENANT,
        "consumers" => tenant == CONSUMERS,
        guid if is_guid(guid) => tenant.eq_ignore_ascii_case(guid),
        // A server of everybody's does not have a tenant of one domain named by the host of another.
        _domain => is_guid(tenant) && (own.is_some() || authority.host().ends_with(EXTERNAL_ID)),
    })
}

/// The tenant of a B2C issuer's path: `tenant/v2.0/`, or `tfp/tenant/policy/v2.0/`.
fn policy_tenant<'a>(path: &'a str, authority: &Authority) -> Option<&'a str> {
    let path = path.strip_suffix("/v2.0/")?;
    let Some(path) = path.strip_prefix("tfp/") else {
        return Some(path);
    };
    let (tenant, policy) = cut(path, b'/')?;
    let (_, own) = cut_last(authority.as_str(), b'/')?;
    policy.eq_ignore_ascii_case(own).then_some(tenant)
}

/// The tenant of an External ID issuer, which is its host as well: `https://tenant.ciamlogin.com/tenant/v2.0`.
fn external_tenant(issuer: &str) -> Option<&str> {
    let (host, path) = cut(issuer.strip_prefix("https://")?, b'/')?;
    let tenant = path.strip_suffix("/v2.0")?;
    (host.strip_suffix(EXTERNAL_ID) == Some(tenant) && is_guid(tenant)).then_some(tenant)
}

fn is_true(document: &Value, name: &str) -> bool {
    document.member(name).and_then(Value::as_bool) == Some(true)
}

/// An endpoint that codes and tokens may be sent to.
fn endpoint(document: &Value, name: &'static str) -> Result<Option<String>, ResponseError> {
    match document.member(name) {
        None => Ok(None),
        Some(Value::String(url)) if url::is_trustworthy(url) && cut(url, b'#').is_none() => Ok(Some(url.clone())),
        Some(_) => Err(ResponseError::Metadata(name)),
    }
}
