//! The table's part on what the browser does not do.

use super::{
    BrowserError, Class,
    table::{Row, plain},
};

impl BrowserError {
    pub(super) const fn row(self) -> Row<'static> {
        let class = match self {
            BrowserError::RedirectUnavailable | BrowserError::StorageDenied => Class::BrowserConfiguration,
            BrowserError::StorageFull | BrowserError::StorageFailed => Class::Cache,
            // Asking again silently would end the same way: the user is the way out.
            BrowserError::FrameTimedOut | BrowserError::FrameBlocked => Class::InteractionRequired,
            _ => Class::Browser,
        };
        let (code, text) = self.told();
        (class, code, plain(text))
    }

    const fn told(self) -> (&'static str, &'static str) {
        match self {
            BrowserError::Offline => {
                ("no_network_connectivity", "the browser is offline: try again when there is a network")
            }
            BrowserError::PostFailed => (
                "post_request_failed",
                "no answer: the network or the server failed, or something blocks the request: try again",
            ),
            BrowserError::GetFailed => {
                ("get_request_failed", "no answer: the network or the server failed, or `auth.authority` is wrong")
            }
            BrowserError::CspBlocked => (
                "csp_blocked",
                "the page's Content-Security-Policy forbids this request: add the server's origins to `connect-src`",
            ),
            BrowserError::CorsBlocked => (
                "cors_blocked",
                "the server answers, but this origin may not read it (CORS): register the redirect URI as type spa \
                 (single-page application), or allow this origin at the server; if it redirects, correct `auth.authority`",
            ),
            BrowserError::Redirected => {
                ("request_redirected", "the server redirects, which is not followed: correct `auth.authority`")
            }
            BrowserError::TimedOut => ("timed_out", "the server did not answer in time: try again"),
            BrowserError::InsecureContext => (
                "insecure_context",
                "the browser has no cryptography for this page: serve it over https or from localhost",
            ),
            BrowserError::NoEntropy => (
                "crypto_nonexistent",
                "the browser gives no random numbers: serve the page over https or from localhost",
            ),
            BrowserError::RedirectUnavailable => (
                "in_mem_redirect_unavailable",
                "the browser denies this page the storage that a redirect needs: allow site data",
            ),
            BrowserError::StorageDenied
            | BrowserError::StorageFull
            | BrowserError::StorageFailed
            | BrowserError::NoStorageKey => self.storage_text(),
            BrowserError::NoWindow
            | BrowserError::NavigationFailed
            | BrowserError::FrameTimedOut
            | BrowserError::FrameBlocked
            | BrowserError::FrameNested => self.page_text(),
        }
    }

    /// What storages do not do.
    const fn storage_text(self) -> (&'static str, &'static str) {
        match self {
            BrowserError::StorageDenied => (
                "storage_not_supported",
                "the browser denies this page its storage: allow site data, or use `memoryStorage`; a worker has none: \
                 use `cache.storage` there",
            ),
            BrowserError::StorageFull => (
                "cache_quota_exceeded",
                "this site's storage is full: remove what is not needed, or use `memoryStorage`",
            ),
            BrowserError::StorageFailed => (
                "cache_error_unknown",
                "`cache.storage` failed, or was silent for ten seconds: see to it, and try again",
            ),
            _ => (
                "crypto_key_not_found",
                "the browser denies this page the key that its tokens are encrypted with (IndexedDB): allow site data, \
                 or use `sessionStorage`",
            ),
        }
    }

    /// What pages and frames do not do.
    const fn page_text(self) -> (&'static str, &'static str) {
        match self {
            BrowserError::NavigationFailed => (
                "timed_out",
                "the browser did not leave the page: let nothing on it stop the navigation (`beforeunload`)",
            ),
            BrowserError::FrameTimedOut => (
                "frame_timed_out",
                "no answer came to the hidden frame: let the page of `redirectUri` be framed by its own origin \
                 (`frame-ancestors`), and call `loginRedirect` or `acquireTokenRedirect`",
            ),
            BrowserError::FrameBlocked => (
                "frame_blocked",
                "the page's Content-Security-Policy forbids the hidden frame: add 'self' and the server's origin to \
                 `frame-src`, and call `loginRedirect` or `acquireTokenRedirect`",
            ),
            BrowserError::FrameNested => (
                "block_iframe_reload",
                "this page is in a hidden frame of the same app: wait for `handleRedirectPromise` before anything else",
            ),
            _ => ("non_browser_environment", "there is no page here: call this in a browser window"),
        }
    }
}
