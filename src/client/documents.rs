//! What the server publishes, its metadata and its keys: asked for once, and kept.

use super::PublicClient;
use crate::{
    error::{BrowserError, Error, ResponseError},
    json::{self, Object, Value},
    platform::{Area, Platform},
    protocol::HttpRequest,
};

/// How long a document is used before it is asked for again, in seconds.
pub(super) const LIFE: u64 = 86_400;

/// A document, and when it came.
#[derive(Debug)]
pub(super) struct Document {
    /// What it says.
    pub content: Value,
    /// In seconds since 1970.
    pub fetched_on: u64,
}

impl<P: Platform> PublicClient<P> {
    /// A document as it was kept, however old.
    pub(super) fn kept_document(&self, area: Area, key: &str) -> Option<Document> {
        let kept = json::parse(&self.platform.read(area, key).ok()??).ok()?;
        // Of the future is what a clock that was wrong has left.
        let fetched_on =
            kept.member("fetchedOn").and_then(Value::as_seconds).filter(|on| *on <= self.platform.now())?;
        Some(Document { content: kept.member("document")?.clone(), fetched_on })
    }

    /// A document from the server.
    ///
    /// # Errors
    /// [`BrowserError::GetFailed`]; [`ResponseError::Metadata`] where the answer is not JSON.
    pub(super) async fn fetch_document(&self, url: String) -> Result<Document, Error> {
        let response = self.platform.send(HttpRequest { url, form: None, bearer: None }).await?;
        if response.status != 200 {
            return Err(BrowserError::GetFailed.into());
        }
        let content = json::parse(response.body.expose()).ok().ok_or(ResponseError::Metadata("document"))?;
        Ok(Document { content, fetched_on: self.platform.now() })
    }

    /// Keeps a document. Not kept is no harm: it is asked for again.
    pub(super) fn keep_document(&self, area: Area, key: &str, document: &Document) {
        let kept = Object::default().with("fetchedOn", document.fetched_on).with("document", document.content.clone());
        let _ = self.platform.write(area, key, Some(&json::text(&kept.finish())));
    }
}
