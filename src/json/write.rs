//! Writes JSON text (RFC 8259).

use super::Value;

/// Writes JSON text; `number` writes what is no short integer.
pub(super) fn text(value: &Value, number: fn(f64) -> String) -> String {
    let mut text = String::new();
    write(value, &mut text, number);
    text
}

fn write(value: &Value, text: &mut String, number: fn(f64) -> String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(value) => write_number(*value, text, number),
        Value::String(value) => write_string(value, text),
        Value::Array(elements) => {
            let mut before = '[';
            for element in elements {
                text.push(before);
                write(element, text, number);
                before = ',';
            }
            text.push_str(if before == '[' { "[]" } else { "]" });
        }
        Value::Object(members) => {
            let mut before = '{';
            for (name, value) in members {
                text.push(before);
                write_string(name, text);
                text.push(':');
                write(value, text, number);
                before = ',';
            }
            text.push_str(if before == '{' { "{}" } else { "}" });
        }
    }
}

fn write_number(value: f64, text: &mut String, number: fn(f64) -> String) {
    const LARGEST: f64 = 999_999_999_999_999.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range by the guard")]
    let whole = if (1.0..=LARGEST).contains(&value) { value as u64 } else { 0 };
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "fifteen digits are below 2^53")]
    if whole as f64 != value || whole == 0 {
        return text.push_str(&number(value));
    }
    let mut digits = [b'0'; 15];
    let mut rest = whole;
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        if rest > 0 {
            let last = (rest % 10) as u8;
            *digit = b'0' + last;
            rest /= 10;
            start -= 1;
        }
    }
    for digit in digits.iter().skip(start) {
        text.push((*digit).into());
    }
}

fn write_string(value: &str, text: &mut String) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    text.push('"');
    let mut rest = value;
    // Byte by byte would be slower: most texts have nothing to escape.
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        text.push_str(plain);
        let mut after = after.chars();
        match after.next() {
            Some(escaped @ ('"' | '\\')) => {
                text.push('\\');
                text.push(escaped);
            }
            Some(control) => {
                text.push_str("\\u00");
                let control = u32::from(control);
                text.extend([control >> 4, control & 0x0f].iter().filter_map(|digit| HEX.get(*digit as usize)));
            }
            None => {}
        }
        rest = after.as_str();
    }
    text.push_str(rest);
    text.push('"');
}
