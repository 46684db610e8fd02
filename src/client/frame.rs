//! Silent sign-in in a hidden frame: the server answers from its session with the browser, and shows nothing (`prompt=none`, OpenID
//! Connect Core section 3.1.2.1).

use super::{AuthenticationResult, PublicClient, RedirectRequest, SilentRequest, refresh_token::is_dead};
use crate::{
    cache::{Account, AccountKey},
    error::{BrowserError, Error, ResponseError},
    json::{self, Value},
    platform::Platform,
    protocol::{AuthorizationAnswer, AuthorizationResponse, Prompt, form, unguessable},
    text::cut,
};

/// When nothing came, the next one is not tried by itself for so many seconds: a browser that keeps the server's cookies from frames would
/// make every call wait.
const PAUSE: u64 = 600;

/// What the `state` of a request ends with whose answer comes to a window or frame of its own, and is another page's. It is no part of
/// base64url, so no other `state` of ours ends so. Who forges one is heard by nobody.
const ELSEWHERE: char = '.';

impl<P: Platform> PublicClient<P> {
    /// Signs in whoever has a session at the server, without showing anything.
    ///
    /// # Errors
    /// [`Error::InteractionRequired`] when the server has to show something, [`Error::Browser`] when nothing comes (of the same class in
    /// JavaScript, but for a browser that is offline),
    /// [`ResponseError::AccountMismatch`] when another account answers than the one that is named.
    pub async fn sso_silent(&self, request: &RedirectRequest<'_>) -> Result<AuthenticationResult, Error> {
        self.check_resource(request.resource)?;
        request.scopes.resource()?;
        request.scopes.union(&request.extra_scopes).check_default()?;
        self.catch_up().await;
        let account = self.asked_account(request)?;
        Box::pin(self.ask_in_frame(request, account.as_deref(), None)).await
    }

    /// Whether a frame can help where a refresh token did not.
    pub(super) fn may_frame(&self, error: &Error) -> bool {
        let is_lost = matches!(error, Error::InteractionRequired(reply)
            if matches!(reply.error(), "no_tokens_found" | "refresh_token_expired"));
        (is_lost || is_dead(error, self.config.authority.is_platform()))
            && self.config.allows_frame
            && self.platform.is_online()
            && self.platform.now().abs_diff(self.frame_failed_on.get()) >= PAUSE
            // A window or frame with an answer for another page has no others.
            && self.answer_for_opener().is_none()
    }

    /// A token of the server's session. `error` is why it takes one, and stands unless there is more to say.
    pub(super) async fn renew_in_frame(
        &self,
        account: &Account,
        request: &SilentRequest<'_>,
        error: Error,
    ) -> Result<AuthenticationResult, Error> {
        let asked = RedirectRequest {
            scopes: request.scopes.clone(),
            resource: request.resource,
            prompt: Some(Prompt::NONE),
            claims: request.claims,
            correlation_id: request.correlation_id,
            ..RedirectRequest::default()
        };
        let outcome = self.ask_in_frame(&asked, Some(account), Some(&account.key)).await;
        outcome.map_err(|found| if says_more(&found) { found } else { error })
    }

    async fn ask_in_frame(
        &self,
        request: &RedirectRequest<'_>,
        account: Option<&Account>,
        renewing: Option<&AccountKey>,
    ) -> Result<AuthenticationResult, Error> {
        let metadata = self.metadata().await?;
        let (url, state, text) = self.compose(request, account, &metadata, true).await?;
        let kept = json::parse(&text).unwrap_or(Value::Null);
        let answer = self.platform.frame(&url, &state).await;
        self.frame_failed_on.set(answer.as_ref().map_or_else(|_| self.platform.now(), |_| 0));
        let answer = answer.map_err(|error| match error {
            // No user mends that.
            BrowserError::FrameTimedOut if !self.platform.is_online() => BrowserError::Offline,
            error => error,
        })?;
        let response = AuthorizationResponse::parse(&answer).filter(|response| response.state() == Some(&state));
        let (Some(response), Some(pending)) = (response, self.read_pending(&kept)) else {
            return Err(ResponseError::StateMismatch.into());
        };
        let issuer = response.issuer.as_deref();
        match response.answer {
            AuthorizationAnswer::Code(code) => Ok(self.redeem(&code, issuer, &pending, renewing).await?.result),
            AuthorizationAnswer::Error(reply) => {
                if issuer.is_some() {
                    metadata.check_answer(issuer)?;
                }
                Err(self.missing_consent(reply.into(), &pending).await)
            }
            AuthorizationAnswer::Nothing => Err(ResponseError::CodeMissing.into()),
        }
    }

    /// What this window or frame has to send to the page that opened it, and the name by which that waits for it; `None` if it has nothing.
    pub fn answer_for_opener(&self) -> Option<(String, String)> {
        let page = self.platform.page().ok()?;
        let fragment = cut(&page, b'#').map(|(_, fragment)| fragment.to_owned());
        [fragment, self.query()].into_iter().flatten().find_map(|text| {
            let state = form::parse(&text).text_of("state").filter(|state| is_for_another(state))?.to_owned();
            Some((state, text))
        })
    }
}

/// A new `state`, of which nothing can be guessed.
pub(super) fn state_of(random: &[u8], is_elsewhere: bool) -> String {
    let mut state = unguessable(random);
    if is_elsewhere {
        state.push(ELSEWHERE);
    }
    state
}

/// Whether the answer with this `state` is awaited by another page than the one that it comes to.
pub(super) fn is_for_another(state: &str) -> bool {
    state.ends_with(ELSEWHERE)
}

/// Whether it says more than that the user is needed: what they have to consent to, what they have to answer, or that something is wrong
/// with the answer. With another's session the user can sign in all the same.
fn says_more(error: &Error) -> bool {
    match error {
        Error::InteractionRequired(reply) => reply.outcome.is_some() || !reply.claims().is_empty(),
        Error::Response(error) => !matches!(error, ResponseError::AccountMismatch | ResponseError::NotJson),
        Error::Usage(_) => true,
        _ => false,
    }
}
