import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A CA that lives as long as the test file, and what it signs. */
export interface ThrowawayCa {
  /** Certificate, as PEM text and as a file. */
  readonly cert: string;
  readonly file: string;
  /** Signs a server's certificate for this name; `expired` makes one of the past. */
  issue(subjectAltName: string, options?: { expired?: boolean }): { cert: string; key: string };
  remove(): void;
}

/** Makes a CA with the openssl of the machine; undefined where there is none. */
export function createCa(): ThrowawayCa | undefined {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-ca-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const path = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(path(name), "utf8");
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    openssl("req", "-x509", ...EC, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=throwaway");
  } catch {
    remove();
    return undefined;
  }
  // `openssl x509` cannot date a certificate back, `openssl ca` can.
  writeFileSync(
    path("ca.cnf"),
    "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\n" +
      "rand_serial=yes\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n",
  );
  writeFileSync(path("index.txt"), "");
  return {
    cert: text("ca.pem"),
    file: path("ca.pem"),
    issue(subjectAltName, { expired = false } = {}) {
      const years = expired ? ["20200101000000Z", "20210101000000Z"] : ["20200101000000Z", "20491231000000Z"];
      openssl(
        "req",
        ...EC,
        "-keyout",
        "s.key",
        "-out",
        "s.csr",
        "-subj",
        "/CN=server",
        "-addext",
        `subjectAltName=${subjectAltName}`,
      );
      openssl(
        "ca",
        "-batch",
        "-config",
        "ca.cnf",
        "-in",
        "s.csr",
        "-out",
        "s.pem",
        "-notext",
        "-startdate",
        `${years[0]}`,
        "-enddate",
        `${years[1]}`,
      );
      return { cert: text("s.pem"), key: text("s.key") };
    },
    remove,
  };
}
