const E_MAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,9}/g;
const NAME_WITH_E_MAIL = /\s{0,9}<[^<>\s@]{1,64}@[^<>\s]{1,255}>/g;
const HOME = /(?:\/(?:home|Users)\/[^/\s"'`:]+|\b[A-Za-z]:\\+Users\\+[^\\\s"'`]+|(?<![\w/])\/root(?![\w-]))/gi;

/** Takes e-mail addresses and home directories out of a name or free text that is going to leave the machine. */
export function maskText(text: string): string {
  if (!text.includes("@") && !text.includes("/") && !text.includes("\\")) return text;
  return text.replace(NAME_WITH_E_MAIL, "").replace(E_MAIL, "[e-mail]").replace(HOME, "~");
}
