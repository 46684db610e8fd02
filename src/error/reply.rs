//! What a server says when it refuses.

use super::Outcome;
use crate::json::{Object, Value};

/// A refusal (RFC 6749 sections 4.1.2.1 and 5.2, with Entra's additions).
#[derive(Clone, Debug)]
pub struct ServerReply {
    members: Value,
    /// The HTTP status; `None` for an answer by redirect.
    pub status: Option<u16>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// What it means for the app.
    pub outcome: Option<Outcome>,
    /// The permissions that it is about: names by Application ID URI; `null` where it is about none.
    pub missing: Value,
    /// Whether the user was shown the server's pages.
    pub(super) is_decided: bool,
}

/// The members of a reply that are told: the server's name, MSAL's, the most bytes that one says, and what stands before it in a
/// description, which is the only place for it in an answer by redirect.
const TOLD: [(&str, &str, usize, &str); 7] = [
    ("error", "", 80, ""),
    ("error_description", "", 600, ""),
    ("suberror", "subError", 80, ""),
    ("claims", "claims", 4_000, ""),
    ("timestamp", "timestamp", 20, "Timestamp: "),
    ("trace_id", "traceId", 36, "Trace ID: "),
    ("correlation_id", "serverCorrelationId", 36, "Correlation ID: "),
];

impl ServerReply {
    /// Takes what is told of an answer: without control characters, and cut off where no honest server would go on. A
    /// text that repeats one of the `secrets` that were sent is withheld.
    pub fn read(answer: &Value, secrets: &[&str]) -> Self {
        let mut members = Object::default();
        let description = answer.text_of("error_description").unwrap_or_default();
        for (name, _, most, label) in TOLD {
            let told = answer.text_of(name).or_else(|| after(description, label)?.get(..most));
            if let Some(text) = told {
                // Half a `claims` is of no use to anybody.
                let most = if name == "claims" && text.len() > most { 0 } else { most };
                let whole = answer.text_of(name).unwrap_or(description);
                let is_safe = secrets.iter().all(|secret| secret.is_empty() || !has(whole, secret));
                members = members.with(name, if is_safe { printable(text, most) } else { "withheld".to_owned() });
            }
        }
        ServerReply::of(members.finish())
    }

    /// A reply in our own words.
    pub fn new(error: &str, description: &str) -> Self {
        ServerReply::of(Object::default().with("error", error).with("error_description", description).finish())
    }

    fn of(members: Value) -> Self {
        let mut reply = ServerReply {
            members,
            status: None,
            retry_after: None,
            outcome: None,
            missing: Value::Null,
            is_decided: false,
        };
        reply.outcome = Outcome::of(&reply);
        reply
    }

    /// It is what came of showing the user the server's pages: what they could decide is decided.
    #[must_use]
    pub fn after_interaction(mut self) -> Self {
        self.is_decided = true;
        self.outcome = Outcome::of(&self);
        self
    }

    /// Whether the server could not look at the request now.
    pub fn is_busy(&self) -> bool {
        self.status.is_some_and(|status| status == 429 || status >= 500)
    }

    /// `error`
    pub fn error(&self) -> &str {
        self.text("error")
    }

    /// `error_description`
    pub fn description(&self) -> &str {
        self.text("error_description")
    }

    /// `suberror`
    pub fn sub_error(&self) -> &str {
        self.text("suberror")
    }

    /// `claims`, to be passed on in the interactive request.
    pub fn claims(&self) -> &str {
        self.text("claims")
    }

    /// The number in the description, `65001` of `AADSTS65001` for example: for diagnosis only.
    pub fn number(&self) -> &str {
        let text = self.description().strip_prefix("AADSTS").unwrap_or_default();
        let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
        text.get(..end).unwrap_or_default()
    }

    /// Whether `error` or `suberror` says that the user is needed. The AADSTS number is never asked.
    pub fn needs_user(&self) -> bool {
        const ERRORS: [&str; 7] = [
            "account_selection_required",
            "bad_token",
            "consent_required",
            "interaction_required",
            "interrupted_user",
            "login_required",
            "ui_not_allowed",
        ];
        const SUB_ERRORS: [&str; 9] = [
            "additional_action",
            "bad_token",
            "basic_action",
            "consent_required",
            "interrupted_user",
            "message_only",
            "token_expired",
            "ui_not_allowed",
            "user_password_expired",
        ];
        ERRORS.contains(&self.error()) || SUB_ERRORS.contains(&self.sub_error())
    }

    /// Adds what is told to the record of an error.
    pub(super) fn tell(&self, mut record: Object) -> Object {
        for (name, told, ..) in TOLD {
            if !told.is_empty() {
                record = record.with(told, self.members.text_of(name));
            }
        }
        record
            .with("errorNo", Some(self.number()).filter(|number| !number.is_empty()))
            .with("outcome", self.outcome.map(Outcome::name))
            .with("missingScopes", self.missing.clone())
            .with("remedy", self.remedy())
            .with("status", self.status.map(u64::from))
            .with("retryAfter", self.retry_after)
    }

    fn text(&self, name: &str) -> &str {
        self.members.text_of(name).unwrap_or_default()
    }
}

fn has(text: &str, secret: &str) -> bool {
    find(text, secret).is_some()
}

/// What follows a label; nothing follows none.
fn after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.get(find(text, Some(label).filter(|label| !label.is_empty())?)? + label.len()..)
}

fn find(text: &str, part: &str) -> Option<usize> {
    text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())
}

fn printable(text: &str, most: usize) -> String {
    let text = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
    let bytes = text.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte });
    String::from_utf8(bytes.collect()).unwrap_or_default()
}
