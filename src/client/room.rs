//! Room in a storage that is full.

use super::{PublicClient, storage::Change};
use crate::{
    cache::{AccessToken, Write},
    platform::Platform,
};

impl<P: Platform> PublicClient<P> {
    /// Removes tokens that have ended, and those of nobody: their account has gone without them, or is damaged.
    pub(super) async fn make_room(&self) {
        let accounts = self.cache.borrow().accounts().to_vec();
        let now = self.time();
        for account in &accounts {
            self.read_tokens(&account.key, None).await;
        }
        self.follow();
        let mut writes = self.orphans();
        for account in accounts {
            let is_over = |token: &AccessToken| token.expires_on.is_none_or(|end| end <= now);
            writes.extend(self.cache.borrow().forget(&account.key, None, &is_over));
        }
        if !writes.is_empty() {
            let _ = self.store_at_once(Change { writes: &writes, ..Change::default() });
        }
    }

    fn orphans(&self) -> Vec<Write> {
        let mut writes = Vec::new();
        // Of what is not read yet nobody knows whose it is.
        let Some(area) = self.config.cache_location.area().filter(|_| self.unopened.borrow().is_empty()) else {
            return writes;
        };
        let cache = self.cache.borrow();
        let [tokens, _] = cache.prefixes();
        for key in self.platform.keys(area, &tokens).unwrap_or_default() {
            if cache.owner(&key).is_some_and(|owner| cache.account(&owner).is_none()) {
                writes.push(Write::removal(key));
            }
        }
        writes
    }
}
