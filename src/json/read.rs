//! Reads JSON text (RFC 8259). By hand: of what the engine's own reader makes each part would have to be fetched by itself.

use super::{NotJson, Value};

/// Deeper than this is nobody's token response: it is an attack on the stack. What is deeper is read as `null`.
const DEEPEST: u32 = 32;

/// What stands for half a character that has no other half.
const BROKEN: char = '\u{fffd}';

/// Reads JSON text; `number` reads what is no short integer.
///
/// # Errors
/// [`NotJson`] when the text is anything else.
pub(super) fn parse(text: &str, number: fn(&str) -> Option<f64>) -> Result<Value, NotJson> {
    let mut reader = Reader { text, at: 0, number };
    let value = reader.value(DEEPEST)?;
    reader.space();
    if reader.peek().is_none() { Ok(value) } else { Err(NotJson) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    number: fn(&str) -> Option<f64>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Whether this byte comes next, after any space; it is taken.
    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let is_it = self.peek() == Some(byte);
        self.at += usize::from(is_it);
        is_it
    }

    fn require(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.takes(byte) { Ok(()) } else { Err(NotJson) }
    }

    fn value(&mut self, deepest: u32) -> Result<Value, NotJson> {
        self.space();
        match self.peek().ok_or(NotJson)? {
            b'"' => self.string().map(Value::String),
            b'{' | b'[' if deepest == 0 => self.skip(),
            b'{' => self.object(deepest - 1),
            b'[' => self.array(deepest - 1),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, NotJson> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(NotJson);
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, deepest: u32) -> Result<Value, NotJson> {
        self.at += 1;
        let mut elements = Vec::new();
        if self.takes(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(deepest)?);
            if !self.takes(b',') {
                self.require(b']')?;
                return Ok(Value::Array(elements));
            }
        }
    }

    fn object(&mut self, deepest: u32) -> Result<Value, NotJson> {
        self.at += 1;
        let mut members = Vec::new();
        if self.takes(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.require(b':')?;
            members.push((name, self.value(deepest)?));
            if !self.takes(b',') {
                self.require(b'}')?;
                return Ok(Value::Object(members));
            }
        }
    }

    /// Passes over an array or object of which only the end matters.
    fn skip(&mut self) -> Result<Value, NotJson> {
        let mut open = 0_usize;
        loop {
            match self.peek().ok_or(NotJson)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'[' | b'{' => open += 1,
                b']' | b'}' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Ok(Value::Null);
            }
        }
    }

    fn number(&mut self) -> Result<Value, NotJson> {
        let start = self.at;
        let mut whole = 0_u64;
        let mut is_whole = true;
        while let Some(byte @ (b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) = self.peek() {
            is_whole &= byte.is_ascii_digit();
            whole = whole.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0')));
            self.at += 1;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        // Sixteen digits can be more than a number holds exactly, and a zero has nothing after it.
        if is_whole && matches!(text.len(), 1..=15) && (text.len() == 1 || !text.starts_with('0')) {
            #[expect(clippy::cast_precision_loss, reason = "fifteen digits are below 2^53")]
            return Ok(Value::Number(whole as f64));
        }
        (self.number)(text).map(Value::Number).ok_or(NotJson)
    }

    fn string(&mut self) -> Result<String, NotJson> {
        if self.peek() != Some(b'"') {
            return Err(NotJson);
        }
        self.at += 1;
        let mut string = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            string.push_str(self.text.get(start..self.at).ok_or(NotJson)?);
            let end = self.peek().ok_or(NotJson)?;
            self.at += 1;
            match end {
                b'"' => return Ok(string),
                b'\\' => string.push(self.escape()?),
                _ => return Err(NotJson),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NotJson> {
        let escaped = self.peek().ok_or(NotJson)?;
        self.at += 1;
        Ok(match escaped {
            b'"' | b'\\' | b'/' => escaped.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unit()?,
            _ => return Err(NotJson),
        })
    }

    /// One or two code units of UTF-16.
    fn unit(&mut self) -> Result<char, NotJson> {
        let high = self.hex()?;
        if let (0xd800..=0xdbff, Some(rest)) = (high, self.text.get(self.at..)) {
            let start = self.at;
            if rest.starts_with("\\u") {
                self.at += 2;
                let low = self.hex()?;
                if let 0xdc00..=0xdfff = low {
                    return Ok(char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)).unwrap_or(BROKEN));
                }
                self.at = start;
            }
        }
        Ok(char::from_u32(high).unwrap_or(BROKEN))
    }

    fn hex(&mut self) -> Result<u32, NotJson> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16)).ok_or(NotJson)?;
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
