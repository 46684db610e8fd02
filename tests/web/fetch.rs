//! A `fetch` in the place of the page's, which keeps what it was called with.

use crate::{js, json_text};
use js_sys::{Reflect, global};

/// Until it is dropped, every request of the page is answered by it.
pub(crate) struct Fetch;

impl Fetch {
    /// Answers with a status, headers as JSON, and a body.
    pub(crate) fn answering(status: u16, headers: &str, body: &str) -> Self {
        let body = json_text(&body.into());
        Fetch::by(&format!("() => new Response({body}, {{ status: {status}, headers: {headers} }})"))
    }

    /// Answers by a function of the request.
    pub(crate) fn by(answer: &str) -> Self {
        js(&format!(
            "(() => {{
                const page = globalThis.fetch;
                globalThis.sent = [];
                globalThis.restoreFetch = () => {{ globalThis.fetch = page; }};
                globalThis.fetch = async (url, init) => {{
                    const request = new Request(url, init);
                    const {{ method, credentials, redirect, cache, referrerPolicy }} = request;
                    const headers = Object.fromEntries(request.headers);
                    const body = await request.clone().text();
                    sent.push({{ url: request.url, method, credentials, redirect, cache, referrerPolicy, headers, body,
                        hasSignal: init.signal instanceof AbortSignal }});
                    return ({answer})(request);
                }};
            }})()"
        ));
        Fetch
    }

    /// What was sent, as JSON text.
    pub(crate) fn sent(&self) -> String {
        json_text(&Reflect::get(&global(), &"sent".into()).expect("it is there"))
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        js("restoreFetch()");
    }
}
