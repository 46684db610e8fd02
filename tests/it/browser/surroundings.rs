//! What a client has of the browser.

use super::{Browser, Departure, Dump, locks::Turn, network::Sent, seal};
use consentry::{
    error::BrowserError,
    platform::{self, Area, Entry, Platform},
    protocol::{HttpRequest, HttpResponse, PublicKey},
};
use std::rc::Rc;
use url::Url;

impl Platform for Browser {
    type Lock = Turn;

    fn now(&self) -> u64 {
        self.machine.now.get()
    }

    fn elapsed(&self) -> u64 {
        self.machine.elapsed.get()
    }

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), BrowserError> {
        let mut chance = self.machine.chance.borrow_mut();
        if !chance.is_there {
            return Err(BrowserError::NoEntropy);
        }
        chance.fill(bytes);
        Ok(())
    }

    async fn verify(&self, key: &PublicKey, text: &str, signature: &[u8]) -> Result<Option<bool>, BrowserError> {
        if !self.machine.is_secure.get() {
            return Err(BrowserError::InsecureContext);
        }
        self.machine.turns.pass("verify").await;
        let modulus = key.jwk.text_of("n").unwrap_or_default();
        // What no browser can import.
        Ok((!modulus.starts_with("unusable")).then(|| signature == seal(modulus, text)))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BrowserError> {
        let [there, back] = if request.form.is_some() { ["post", "posted"] } else { ["get", "got"] };
        self.machine.turns.pass(there).await;
        let answer = self.machine.network.carry(Sent::new(&request, self)).await;
        self.machine.turns.pass(back).await;
        answer
    }

    fn is_online(&self) -> bool {
        self.machine.is_online.get()
    }

    async fn lock(&self, name: &str) -> Result<Turn, BrowserError> {
        self.machine.locks.is_there()?;
        self.machine.turns.pass("lock").await;
        Ok(self.machine.locks.take(name).await)
    }

    fn keys(&self, area: Area, prefix: &str) -> Result<Vec<String>, BrowserError> {
        let keys = self.store(area).keys(prefix)?;
        Ok(if area == Area::Custom {
            self.in_copy(|copy| copy.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
        } else {
            keys
        })
    }

    fn read(&self, area: Area, key: &str) -> Result<Option<String>, BrowserError> {
        let text = self.store(area).read(key)?;
        Ok(if area == Area::Custom { self.in_copy(|copy| copy.get(key).cloned()) } else { text })
    }

    fn write(&self, area: Area, key: &str, text: Option<&str>) -> Result<(), BrowserError> {
        self.store(area).write(key, text)?;
        if area == Area::Custom {
            self.in_copy(|copy| match text {
                Some(text) => copy.insert(key.to_owned(), text.to_owned()),
                None => copy.remove(key),
            });
        }
        Ok(())
    }

    async fn pause(&self) {
        self.machine.turns.pass("pause").await;
    }

    async fn settle(&self, area: Area) -> Result<(), BrowserError> {
        if area == Area::Custom {
            self.machine.turns.pass("settle").await;
        }
        let waiting = self.machine.settling.take();
        match waiting {
            Some(waiting) => waiting.await.expect("the test says what comes of it"),
            None => Ok(()),
        }
    }

    async fn pull(&self, area: Area) -> Result<bool, BrowserError> {
        if area != Area::Custom {
            return Ok(false);
        }
        self.machine.turns.pass("pull").await;
        let now = self.machine.custom.dump();
        Ok(self.copy.replace(Some(now.clone())) != Some(now))
    }

    async fn seal(&self, vault: &platform::Vault<'_>, entries: &[Entry]) -> Result<Vec<String>, BrowserError> {
        self.machine.turns.pass("seal").await;
        self.machine.vault.seal(vault.owner, entries).await
    }

    async fn open(&self, vault: &platform::Vault<'_>, entries: &[Entry]) -> Result<Vec<Option<String>>, BrowserError> {
        self.machine.turns.pass("open").await;
        self.machine.vault.open(vault.owner, entries).await
    }

    fn page(&self) -> Result<String, BrowserError> {
        Ok(self.address())
    }

    fn is_user_active(&self) -> bool {
        self.tab.is_user_active.get()
    }

    fn resolve(&self, reference: &str) -> Option<String> {
        Some(Url::parse(&self.address()).ok()?.join(reference).ok()?.into())
    }

    fn replace_address(&self, url: &str) -> Result<(), BrowserError> {
        let (old, new) = (Url::parse(&self.address()), Url::parse(url));
        assert!(matches!((old, new), (Ok(old), Ok(new)) if old.origin() == new.origin()), "{url} is of this origin");
        self.open(url);
        Ok(())
    }

    async fn navigate(&self, url: &str, replacing: bool) -> Result<bool, BrowserError> {
        self.machine.turns.pass("navigate").await;
        self.tab.left.borrow_mut().push(Departure { url: url.to_owned(), replacing });
        self.tab.navigation.get()
    }

    async fn frame(&self, url: &str, name: &str) -> Result<String, BrowserError> {
        assert!(url.contains(name), "the name is the request's");
        self.tab.framed.borrow_mut().push(url.to_owned());
        self.machine.turns.pass("frame").await;
        let answer = Rc::clone(&self.tab.frames.borrow());
        answer(url)
    }
}

impl Browser {
    fn in_copy<T>(&self, act: impl FnOnce(&mut Dump) -> T) -> T {
        act(self.copy.borrow_mut().get_or_insert_with(|| self.machine.custom.dump()))
    }
}
