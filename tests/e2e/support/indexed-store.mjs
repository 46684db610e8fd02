/** An app's own storage in a database. @returns what `cache.storage` takes; runs in a page or in a worker */
export function indexedStore() {
  const opening = new Promise((resolve, reject) => {
    const request = indexedDB.open("app", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const act = async (mode, name, ...rest) => {
    const transaction = (await opening).transaction("entries", mode);
    const request = transaction.objectStore("entries")[name](...rest);
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  };
  return {
    getItem: (key) => act("readonly", "get", key),
    setItem: (key, text) => act("readwrite", "put", text, key),
    removeItem: (key) => act("readwrite", "delete", key),
    keys: () => act("readonly", "getAllKeys"),
  };
}
