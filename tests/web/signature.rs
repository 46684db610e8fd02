//! Signatures, by the browser's own cryptography. The examples are of another implementation (OpenSSL's).

use crate::{here, js};
use consentry::{
    json::{self, Value},
    platform::Platform,
    protocol::{Algorithm, PublicKey},
};
use wasm_bindgen_test::wasm_bindgen_test;

/// What all examples sign.
const TEXT: &str = "header.claims";

struct Example {
    name: String,
    key: PublicKey,
    signature: Vec<u8>,
}

fn examples() -> Vec<Example> {
    let read = json::parse(include_str!("signatures.json")).expect("the examples are JSON");
    let text = |example: &Value, name: &str| example.text_of(name).expect("it is there").to_owned();
    let example = |example: &Value| {
        let name = text(example, "name");
        let algorithm = Algorithm::parse(&name).expect("it is accepted");
        let key = PublicKey { algorithm, jwk: example.member("jwk").expect("a key").clone() };
        let signature = decode(&text(example, "signature"));
        Example { name, key, signature }
    };
    read.as_array().expect("examples").iter().map(example).collect()
}

fn decode(text: &str) -> Vec<u8> {
    let decoded = js(&format!(
        "Uint8Array.from(atob('{text}'.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))"
    ));
    js_sys::Uint8Array::from(decoded).to_vec()
}

#[wasm_bindgen_test]
async fn a_right_signature_is_right_for_each_algorithm() {
    let examples = examples();
    assert_eq!(examples.len(), 4);
    for Example { name, key, signature } in examples {
        assert_eq!(here().verify(&key, TEXT, &signature).await, Ok(Some(true)), "{name}");
    }
}

#[wasm_bindgen_test]
async fn any_other_is_wrong() {
    for Example { name, key, signature } in examples() {
        assert_eq!(here().verify(&key, "header.claim5", &signature).await, Ok(Some(false)), "{name}: another text");
        for at in [0, signature.len() / 2, signature.len() - 1] {
            let mut other = signature.clone();
            other[at] ^= 1;
            assert_eq!(here().verify(&key, TEXT, &other).await, Ok(Some(false)), "{name}: byte {at}");
        }
        assert_eq!(here().verify(&key, TEXT, &[]).await, Ok(Some(false)), "{name}: none");
        assert_eq!(here().verify(&key, TEXT, &signature[1..]).await, Ok(Some(false)), "{name}: cut short");
    }
}

#[wasm_bindgen_test]
async fn a_key_signs_for_its_own_algorithm_only() {
    let examples = examples();
    for Example { name, key, .. } in &examples {
        for other in examples.iter().filter(|other| other.name != *name) {
            assert_eq!(here().verify(key, TEXT, &other.signature).await, Ok(Some(false)), "{name}, {}", other.name);
        }
    }
    for jwk in ["null", "{}", r#"{"kty":"RSA"}"#, r#"{"kty":"RSA","n":"","e":""}"#, r#"{"kty":"oct","k":"c2VjcmV0"}"#] {
        let key = PublicKey { algorithm: Algorithm::Rs256, jwk: json::parse(jwk).expect("JSON") };
        assert_eq!(here().verify(&key, TEXT, b"signature").await, Ok(None), "{jwk}");
    }
}

/// A page that did not come over https has no such thing. Nothing is sent there that could be signed in with.
#[wasm_bindgen_test]
async fn a_page_without_cryptography_is_told_so() {
    js("Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true })");
    let Some(Example { key, signature, .. }) = examples().into_iter().next() else { panic!("there is one") };
    let outcome = here().verify(&key, TEXT, &signature).await;
    js("delete crypto.subtle");
    assert_eq!(outcome, Err(consentry::error::BrowserError::InsecureContext));
    assert_eq!(here().verify(&key, TEXT, &signature).await, Ok(Some(true)), "it is back");
}
