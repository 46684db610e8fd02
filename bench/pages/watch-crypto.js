/** Put into a page before its own scripts: how long the browser's cryptography takes for signatures, from call to settlement. */
{
  /** @type {Record<string, number>} */
  const milliseconds = { importKey: 0, verify: 0 };
  for (const name of /** @type {const} */ (["importKey", "verify"])) {
    /** @type {(...values: any[]) => Promise<any>} */
    const call = crypto.subtle[name].bind(crypto.subtle);
    Object.defineProperty(crypto.subtle, name, {
      value: (/** @type {any[]} */ ...values) => {
        const began = performance.now();
        const note = () => { milliseconds[name] = (milliseconds[name] ?? 0) + performance.now() - began; };
        const result = call(...values);
        result.then(note, note);
        return result;
      },
    });
  }
  Object.assign(globalThis, { cryptoMilliseconds: milliseconds });
}
