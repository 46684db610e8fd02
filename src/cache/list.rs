//! Lists in the order of their keys.

/// Where a key stands in a list that is in the order of its keys, or would. Keys begin alike for a hundred letters and more: what the entries
/// on both sides have in common with it those between have too, and is not compared again.
pub(super) fn place<T>(list: &[(String, T)], key: &str) -> usize {
    let [mut before, mut after] = [0, 0];
    list.partition_point(|(other, _)| {
        let shared = if before < after { before } else { after };
        let [other, key] = [other, key].map(|text| text.as_bytes().get(shared..).unwrap_or_default());
        let more = other.iter().zip(key).take_while(|(one, two)| one == two).count();
        let is_before = other.get(more..) < key.get(more..);
        *(if is_before { &mut before } else { &mut after }) = shared + more;
        is_before
    })
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
