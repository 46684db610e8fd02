//! Lists in the order of their keys.

/// Where a key stands in a list that is in the order of its keys, or would.
pub(super) fn place<T>(list: &[(String, T)], key: &str) -> usize {
    list.partition_point(|(other, _)| other.as_str() < key)
}

/// Puts something at a key, or nothing.
pub(super) fn put<T>(list: &mut Vec<(String, T)>, key: &str, value: Option<T>) {
    // They mostly come in order.
    let is_last = list.last().is_none_or(|(last, _)| last.as_str() < key);
    let at = if is_last { list.len() } else { place(list, key) };
    match (list.get_mut(at).filter(|(other, _)| other == key), value) {
        (Some((_, kept)), Some(value)) => *kept = value,
        (Some(_), None) => drop(list.remove(at)),
        (None, Some(value)) => list.insert(at, (key.to_owned(), value)),
        (None, None) => {}
    }
}

/// The entries whose keys start alike.
pub(super) fn alike<'a, T>(list: &'a [(String, T)], start: &str) -> &'a [(String, T)] {
    let rest = list.get(place(list, start)..).unwrap_or_default();
    // They are all looked at anyway, and mostly few.
    let count = rest.iter().take_while(|(key, _)| key.starts_with(start)).count();
    rest.get(..count).unwrap_or_default()
}
