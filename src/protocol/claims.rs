//! The parameter `claims` of a request (OpenID Connect Core section 5.5).

use crate::json::{self, Value};

/// What a request demands, and what the client can do: the platform reads it from the demanded claim `xms_cc` of the access token. A
/// demand that is no JSON object goes as it is.
pub(super) fn with_capabilities(own: Option<&str>, capabilities: &[String]) -> Option<String> {
    let read = own.map_or_else(|| Ok(Value::Object(Vec::new())), json::parse);
    let Ok(Value::Object(mut claims)) = read else {
        return own.map(ToOwned::to_owned);
    };
    if capabilities.is_empty() {
        return own.map(ToOwned::to_owned);
    }
    let mut token = members(take(&mut claims, "access_token"));
    let mut demand = members(take(&mut token, "xms_cc"));
    // One value may be demanded by a name of its own.
    let one = take(&mut demand, "value");
    let mut values = match take(&mut demand, "values") {
        Value::Array(values) => values,
        _ => Vec::new(),
    };
    values.extend(Some(one).filter(|one| !matches!(one, Value::Null)));
    for capability in capabilities {
        // The platform does not tell their cases apart.
        let is_it = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(capability));
        if !values.iter().any(is_it) {
            values.push(capability.as_str().into());
        }
    }
    demand.push(("values".to_owned(), Value::Array(values)));
    token.push(("xms_cc".to_owned(), Value::Object(demand)));
    claims.push(("access_token".to_owned(), Value::Object(token)));
    Some(json::text(&Value::Object(claims)))
}

/// Takes all members of a name out: the last of them counts.
fn take(members: &mut Vec<(String, Value)>, name: &str) -> Value {
    let mut last = Value::Null;
    members.retain_mut(|(key, value)| {
        let is_it = key == name;
        if is_it {
            last = std::mem::replace(value, Value::Null);
        }
        !is_it
    });
    last
}

fn members(value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(members) => members,
        _ => Vec::new(),
    }
}
