// What a text must not show: addresses, numbers, links and others' names, each replaced by a word.
// The rules are those of model/masking.py, where they are explained; a test compares the two.

const W = "\\p{L}\\p{N}_";
const SPACE = "\\s\\x1c-\\x1f\\x85";
const LETTER = "a-zİı"; // Python counts both as an i where case does not matter
const dotless = (words) => words.replaceAll("i", "[iİı]");
const HOSTS =
  "com|org|net|gov|edu|info|int|mil|io|ly|co|tv|gl|uk|de|fr|jp|ru|br|eu|ca|au" +
  "|shop|online|store|site|website|club|tech|cloud|biz|social|link|page|dev|app|blog|xyz|ai|gg|ee|nl|pl|se|dk|cz|tr|cn|kr|mx|ar|za|nz|ie|ch";
const MAIL_HOSTS = "com|net|org|edu|gov|io|co|de|fr|uk|jp|br|ru|in";

const UNSEEN = /[\u200b\u2060\ufeff\u00ad]/gu;
const FULL_NAME = new RegExp(
  `(?<![${W}.+\\-])[@＠]((?:[${W}][${W}.\\-]*)?[${W}][@＠](?:[${W}\\-]+\\.)+[${W}\\-]*[${W}]` +
    `|(?:[A-Za-z0-9\\-]+\\.)+[a-z]{2,24}(?![${W}\\-]))`,
  "gu",
);
const EMAIL = new RegExp(
  `[${W}.+\\-]+@[${W}\\-]+(?:\\.[${W}\\-]+)+` +
    `|[${W}.+\\-]+[${SPACE}]?[@＠][${SPACE}]?[${W}\\-]+[${SPACE}]?\\.[${SPACE}]?(?:${dotless(MAIL_HOSTS)})(?![${W}])` +
    `|[${W}.+\\-]+[${SPACE}]?[(\\[{][${SPACE}]?at[${SPACE}]?[)\\]}][${SPACE}]?[${W}\\-]+` +
    `(?:[${SPACE}]?[(\\[{]?[${SPACE}]?(?:\\.|(?<![${W}])dot(?![${W}]))[${SPACE}]?[)\\]}]?[${SPACE}]?[${W}\\-]+)+` +
    `|[${W}.+\\-]+[${SPACE}]at[${SPACE}][${W}\\-]+[${SPACE}]dot[${SPACE}](?:${dotless(MAIL_HOSTS)})(?![${W}])`,
  "giu",
);
const LINK = new RegExp(
  `(?<![${W}])[${LETTER}][${LETTER}0-9+.\\-]*://[^${SPACE}]*` +
    `|(?<![${W}])https?:[^${SPACE}]*|(?<![${W}])www\\.[^${SPACE}]*` +
    `|(?<![${W}@.])(?:[${W}\\-]+\\.)+[${LETTER}]{2,24}(?::\\p{Nd}+)?/[^${SPACE}]+` +
    `|(?<![${W}@.])(?:[${W}\\-]+\\.)+(?:${dotless(HOSTS)})(?::\\p{Nd}+)?(?:/[^${SPACE}]*|(?![${W}\\-]|\\.[${W}]))`,
  "giu",
);
const NAME = new RegExp(`[@＠](?:[ ](?!\\p{Nd}))?([${W}]+)|(?<![${W}/])/?u/([${W}\\-]{3,20})(?![${W}/\\-])`, "gu");
const IBAN = new RegExp(
  `(?<![${W}])[A-Z]{2}[0-9]{2}(?=(?:[A-Z ]{0,9}[0-9]){8})(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![${W}])`,
  "gu",
);
const WIDE = /[A-Za-z0-9.@:/_+\uff0b\uff0d-\uff1a\uff20-\uff3a\uff3f\uff41-\uff5a\-]+/gu;
const NUMBER = new RegExp(
  `(?<![${W},$€£¥])(?<!\\p{Nd}[.])(?:\\+|00)?\\(?\\p{Nd}(?:[ ()./\\u00a0\\u2010-\\u2015\\-]{0,3}\\p{Nd}){6,}` +
    "(?:x\\p{Nd}+|(?![\\p{Nd}%]|,\\p{Nd}))",
  "gu",
);
const D = "\\p{Nd}";
const NO_PHONE = new RegExp(
  `^(?:${D}{4}[\\-./]${D}{1,2}[\\-./]${D}{1,2}|${D}{1,2}[\\-./]${D}{1,2}[\\-./]${D}{4}` +
    `|${D}{1,2}\\.${D}+|(?:1[5-9]|20)${D}${D} ?[\\-\\u2013/] ?(?:1[5-9]|20)${D}${D})$`,
  "u",
);

/** The text with e-mail addresses, phone numbers, links and others' @names masked; `own` handles may stay. */
export function mask(text, own = []) {
  const mine = new Set(own.map((handle) => handle.toLowerCase()).flatMap(namesOf));
  const named = (found, name, reddit) => (mine.has((name ?? reddit).toLowerCase()) ? found : "[name]");
  const withoutMail = (part) =>
    part.replace(IBAN, "[account]").replace(EMAIL, "[email]").replace(LINK, "[link]").replace(NAME, named);
  const clean = text.replace(UNSEEN, "").replace(WIDE, narrowed);
  let [masked, end] = ["", 0];
  for (const found of clean.matchAll(FULL_NAME)) {
    const isOwn = mine.has(found[1].replaceAll("＠", "@").toLowerCase());
    masked += withoutMail(clean.slice(end, found.index)) + (isOwn ? found[0] : "[name]");
    end = found.index + found[0].length;
  }
  masked += withoutMail(clean.slice(end));
  return masked.replace(NUMBER, (found) => (NO_PHONE.test(found) ? found : "[phone]"));
}

/** Wide letters as narrow ones, if they are an address. */
function narrowed(wide) {
  const narrow = wide.replace(/[\uff01-\uff5e]/gu, (letter) => String.fromCodePoint(letter.codePointAt(0) - 0xfee0));
  return narrow !== wide && (narrow.search(EMAIL) >= 0 || narrow.search(LINK) >= 0) ? narrow : wide;
}

const namesOf = (handle) => [handle, handle.split("@")[0], handle.split(":").at(-1)];

// The word before the last may be the beginning of `jane at harbour dot org`.
const LAST_WORDS = new RegExp(`(?:[^${SPACE}]+[${SPACE}]+)?[^${SPACE}]*$`, "u");
const UNFINISHED_OBFUSCATED = new RegExp(
  `[^${SPACE}]+(?:[${SPACE}]+|[${SPACE}]?[(\\[{][${SPACE}]?)at(?![${W}])(?:[${SPACE}]*[^${SPACE}]+){0,5}[${SPACE}]*$`,
  "iu",
);
const UNFINISHED_EMAIL = new RegExp(`[^${SPACE}]*[${SPACE}]?[@＠][${SPACE}]?[^${SPACE}]*[${SPACE}]?\\.?[${SPACE}]?$`, "u");
const UNFINISHED_ACCOUNT = new RegExp(`(?<![${W}])[A-Z]{2}[0-9]{2}[A-Z0-9 ]*$`, "u");
const UNFINISHED_NUMBER = /[\p{Nd}(+][\p{Nd} ()./\u00a0\u2010-\u2015-]*$/u;

/** What may be shown of a text that is still being written, masked: its end may yet become an address. */
export function maskUnfinished(text, own = []) {
  const patterns = [UNSEEN, UNFINISHED_OBFUSCATED, LAST_WORDS, UNFINISHED_EMAIL, UNFINISHED_ACCOUNT, UNFINISHED_NUMBER];
  return mask(patterns.reduce((shown, pattern) => shown.replace(pattern, ""), text), own);
}
