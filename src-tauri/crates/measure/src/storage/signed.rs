//! A request and its signature, by AWS's Signature Version 4.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>

use remote::{ExposeSecret as _, Secret};
use ring::{digest, hmac};
use std::fmt::Write as _;
use x509_cert::der::DateTime;

/// What is asked. All parts are plain, so none has to be encoded.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: &'static str,
    path: String,
    query: &'static str,
    body: String,
}

impl Request {
    pub(super) fn new(method: &'static str, path: String) -> Request {
        Request { method, path, query: "", body: String::new() }
    }

    /// In the order of the alphabet, as the signature wants it.
    pub(super) fn query(self, query: &'static str) -> Request {
        Request { query, ..self }
    }

    pub(super) fn body(self, body: &str) -> Request {
        Request { body: body.to_owned(), ..self }
    }

    pub(super) fn unsigned(&self, host: &str) -> Vec<u8> {
        self.written(host, "")
    }

    /// `None` where the key is none.
    pub(super) fn signed(&self, host: &str, region: &str, key: &Secret, now: &DateTime) -> Option<Vec<u8>> {
        let (id, secret) = key.expose_secret().split_once(':')?;
        let plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_graphic());
        if !plain(id) || !plain(secret) {
            return None;
        }
        let day = format!("{:04}{:02}{:02}", now.year(), now.month(), now.day());
        let time = format!("{day}T{:02}{:02}{:02}Z", now.hour(), now.minutes(), now.seconds());
        let body = hash(self.body.as_bytes());
        let names = "host;x-amz-content-sha256;x-amz-date";
        let asked = format!(
            "{}\n{}\n{}\nhost:{host}\nx-amz-content-sha256:{body}\nx-amz-date:{time}\n\n{names}\n{body}",
            self.method, self.path, self.query
        );
        let scope = format!("{day}/{region}/s3/aws4_request");
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hash(asked.as_bytes()));
        let start = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
        let last = [&day, region, "s3", "aws4_request"]
            .iter()
            .fold(start, |key, word| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, word.as_bytes()).as_ref()));
        let signature = hex(hmac::sign(&last, to_sign.as_bytes()).as_ref());
        Some(self.written(
            host,
            &format!(
                "x-amz-content-sha256: {body}\r\nx-amz-date: {time}\r\n\
                 Authorization: AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}\r\n"
            ),
        ))
    }

    fn written(&self, host: &str, more: &str) -> Vec<u8> {
        let Request { method, path, query, body } = self;
        let mark = if query.is_empty() { "" } else { "?" };
        format!(
            "{method} {path}{mark}{query} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Plumbline\r\nConnection: close\r\n\
             Content-Length: {}\r\n{more}\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{DateTime, Request, Secret};

    /// "GET Bucket (List Objects)" of AWS's own examples.
    #[test]
    fn a_signature_is_the_one_that_is_published() {
        let key = Secret::from("AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let now = DateTime::new(2013, 5, 24, 0, 0, 0).expect("a moment");
        let request = Request::new("GET", "/".to_owned()).query("max-keys=2&prefix=J");
        let bytes = request.signed("examplebucket.s3.amazonaws.com", "us-east-1", &key, &now).expect("a request");
        let text = String::from_utf8(bytes).expect("text");
        assert!(text.contains("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"), "{text}");
        assert!(!text.contains("bPxRfiCYEXAMPLEKEY"));
    }

    #[test]
    fn what_is_no_key_signs_nothing() {
        let now = DateTime::new(2026, 11, 22, 0, 0, 0).expect("a moment");
        for odd in ["alone", ":", "id:", ":secret", "id:sec\r\nret"] {
            assert!(Request::new("GET", "/".to_owned()).signed("a", "b", &Secret::from(odd), &now).is_none(), "{odd}");
        }
    }
}
