/** Where a token may be sent. */

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Whether nobody on the way reads along. @param {URL} url */
export const isConfidential = ({ protocol, hostname }) => protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
