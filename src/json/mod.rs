//! JSON as a value, and the one way into and out of it.
//!
//! Every text from a server, from storage or from the page becomes a [`Value`] here and is then taken apart field by
//! field, so that a wrong field can be named.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

#[cfg(not(target_arch = "wasm32"))]
mod native;
mod read;
#[cfg(target_arch = "wasm32")]
mod web;
mod write;

#[cfg(not(target_arch = "wasm32"))]
pub use native::{parse, text};
#[cfg(target_arch = "wasm32")]
pub use web::{from_js, parse, text, to_js};

/// A JSON value. Members keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, and whatever JSON cannot express.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Vec<(String, Value)>),
}

/// The text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

impl Value {
    /// The member `name` of an object, the last of that name; `None` for a missing one, for `null`, and on anything but an object.
    pub fn member(&self, name: &str) -> Option<&Value> {
        let Value::Object(members) = self else {
            return None;
        };
        let (_, value) = members.iter().rev().find(|(key, _)| key == name)?;
        Some(value).filter(|value| !matches!(value, Value::Null))
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// A number of seconds: a non-negative number, or a string of digits, as some servers send. A fraction is cut off.
    pub fn as_seconds(&self) -> Option<u64> {
        const LARGEST: f64 = 9_007_199_254_740_991.0;
        match self {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range by the guard")]
            Value::Number(number) if (0.0..=LARGEST).contains(number) => Some(*number as u64),
            Value::String(digits) if !digits.is_empty() && digits.len() < 16 => digits
                .bytes()
                .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))),
            _ => None,
        }
    }

    /// Shorthand for a string member.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.member(name).and_then(Value::as_str)
    }
}

impl From<&str> for Value {
    // Not inlined: it is called for every field of every record.
    #[inline(never)]
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl From<u64> for Value {
    #[expect(clippy::cast_precision_loss, reason = "times and durations are far below 2^53")]
    fn from(number: u64) -> Self {
        Value::Number(number as f64)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Value::Array(elements.into_iter().map(Into::into).collect())
    }
}

/// Builds an object.
#[derive(Debug, Default)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// Adds a member; one whose value is `null` is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.push(name, value.into());
        self
    }

    /// The object.
    pub fn finish(self) -> Value {
        Value::Object(self.0)
    }

    // Not inlined: it is called for every field of every record.
    #[inline(never)]
    fn push(&mut self, name: &str, value: Value) {
        if !matches!(value, Value::Null) {
            self.0.push((name.to_owned(), value));
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(elements) => {
                let mut sequence = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    sequence.serialize_element(element)?;
                }
                sequence.end()
            }
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
