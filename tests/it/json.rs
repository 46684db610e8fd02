//! JSON text, beside another reader and writer of it.

use consentry::json::{NotJson, Value, parse, text};
use serde_json::Value as Json;

/// What a wrong step in a text is made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    " ",
    "\n",
    "\u{b}",
    "null",
    "true",
    "nul",
    "0",
    "1",
    "-",
    "+",
    ".",
    "e5",
    "1.5",
    "01",
    "-0",
    "1e999",
    "999999999999999",
    "1234567890123456789",
    "\"a\"",
    "\"\\u00e9\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\u12\"",
    "\"\\x\"",
    "\"\u{1}\"",
    "é",
    "😀",
    "\"a\":",
    "{}",
    "[]",
    "\u{feff}",
];

fn theirs(text: &str) -> Option<Value> {
    fn read(value: Json) -> Value {
        match value {
            Json::Null => Value::Null,
            Json::Bool(truth) => Value::Bool(truth),
            Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => Value::String(text),
            Json::Array(elements) => Value::Array(elements.into_iter().map(read).collect()),
            Json::Object(members) => {
                Value::Object(members.into_iter().map(|(name, value)| (name, read(value))).collect())
            }
        }
    }
    serde_json::from_str(text).ok().map(read)
}

/// The same whatever the order of members.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(elements) => Value::Array(elements.into_iter().map(sorted).collect()),
        Value::Object(members) => {
            let mut last: Vec<(String, Value)> = Vec::new();
            for (name, value) in members {
                last.retain(|(other, _)| *other != name);
                last.push((name, sorted(value)));
            }
            last.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(last)
        }
        other => other,
    }
}

/// Half a character without its other half is broken here, and refused there.
fn has_half(text: &str) -> bool {
    text.to_ascii_lowercase().contains("\\ud8")
}

fn agree(text: &str) -> bool {
    let (ours, theirs) = (parse(text).ok().map(sorted), theirs(text).map(sorted));
    assert!(ours == theirs || has_half(text), "{text:?}: {ours:?}, {theirs:?}");
    ours.is_some()
}

#[test]
fn texts_of_random_pieces_are_read_alike() {
    let mut random = 1_u64;
    let mut draw = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).expect("it fits") % below
    };
    let mut right = 0;
    for _ in 0..60_000 {
        let mut text = String::new();
        for _ in 0..=draw(6) {
            text.push_str(PIECES[draw(PIECES.len())]);
        }
        right += usize::from(agree(&text));
        right += usize::from(agree(&format!("[{text}]")));
        right += usize::from(agree(&format!("{{\"a\":{text}}}")));
    }
    assert!(right > 3000, "{right} of them are right");
}

#[test]
fn what_is_written_is_read_alike_and_is_what_others_write() {
    let members = [
        ("", Value::Null),
        ("a\"\\\n\u{1f}é😀", Value::String("\u{0}\u{7f}\"\\/\t".into())),
        (
            "numbers",
            [0.0, -0.0, 1.0, 10.0, 1.5, -7.0, 1e300, 999_999_999_999_999.0, 1e15, 9_007_199_254_740_993.0]
                .map(Value::Number)
                .into_iter()
                .collect(),
        ),
        (
            "empty",
            Value::Array(vec![
                Value::Object(Vec::new()),
                Value::Array(Vec::new()),
                Value::Bool(true),
                Value::Bool(false),
            ]),
        ),
    ];
    let value = Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    let written = text(&value);
    assert_eq!(parse(&written).as_ref(), Ok(&value));
    assert_eq!(theirs(&written).map(sorted), Some(sorted(value)));
}

#[test]
fn the_last_of_a_name_counts_and_half_a_character_is_broken() {
    let twice = parse(r#"{"a":1,"a":"2"}"#).expect("JSON");
    assert_eq!(twice.text_of("a"), Some("2"));
    assert_eq!(parse(r#"{"a":1,"a":null}"#).expect("JSON").member("a"), None);
    assert_eq!(parse(r#""\ud83dx\ude00""#), Ok("\u{fffd}x\u{fffd}".into()));
    assert_eq!(parse(r#""\ud83d\u0041""#), Ok("\u{fffd}A".into()));
    assert_eq!(parse(r#""\ud83d\u00""#), Err(NotJson));
}

#[test]
fn what_is_too_deep_is_passed_over() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[\"]\",", "]")] {
        let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(parse(&nested(32)).is_ok() && parse(&nested(100_000)).is_ok());
        assert_eq!(parse(&nested(40)[..60]), Err(NotJson));
    }
}
