import { z } from "zod";

/** What Node accepts in a header; refused here so that the operator learns it before the night. */
const HeaderName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "not the name of a header");
const HeaderValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, "not the value of a header");

/** Headers of the operator, by name. Their values may be secret. */
export const Headers = z.record(HeaderName, HeaderValue).default({});
