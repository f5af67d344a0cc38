//! The checksum of an export: it tells a file that was cut or edited from one that was not. It is no signature.
//!
//! Anyone can compute it: take the file without its `checksum`, write it with sorted keys and no blanks, and hash that.
//! With jq: `jq -cjS 'del(.checksum)' report.json | sha256sum`.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// `sha256:` and 64 hexadecimal digits over `body`, which must not hold its own checksum.
pub(crate) fn checksum(body: &Map<String, Value>) -> String {
    let mut text = String::new();
    write_object(&mut text, body, None, &[]);
    let mut sum = String::from("sha256:");
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(sum, "{byte:02x}");
    }
    sum
}

/// `body` for people: two blanks a level, keys sorted save those that should come `first`, a newline at the end.
pub(crate) fn indented(body: &Map<String, Value>, first: &[&str]) -> String {
    let mut text = String::new();
    write_object(&mut text, body, Some(0), first);
    text.push('\n');
    text
}

/// Keys are sorted here and not by the map, whose order depends on features that another crate may switch on.
fn write_object(text: &mut String, object: &Map<String, Value>, depth: Option<usize>, first: &[&str]) {
    let mut entries: Vec<(&String, &Value)> = object.iter().collect();
    entries.sort_by_key(|(key, _)| (first.iter().position(|f| f == key).unwrap_or(first.len()), *key));
    write_items(text, ['{', '}'], depth, entries, |text, (key, value), depth| {
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push_str(if depth.is_some() { ": " } else { ":" });
        write_value(text, value, depth);
    });
}

fn write_value(text: &mut String, value: &Value, depth: Option<usize>) {
    match value {
        Value::Object(object) => write_object(text, object, depth, &[]),
        Value::Array(items) => write_items(text, ['[', ']'], depth, items.iter().collect(), write_value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

fn write_items<T>(
    text: &mut String,
    [open, close]: [char; 2],
    depth: Option<usize>,
    items: Vec<T>,
    write: impl Fn(&mut String, T, Option<usize>),
) {
    let break_line = |text: &mut String, depth: Option<usize>| {
        if let Some(depth) = depth {
            text.push('\n');
            text.push_str(&"  ".repeat(depth));
        }
    };
    let inner = depth.map(|depth| depth + 1);
    let empty = items.is_empty();
    text.push(open);
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        break_line(text, inner);
        write(text, item, inner);
    }
    if !empty {
        break_line(text, depth);
    }
    text.push(close);
}
