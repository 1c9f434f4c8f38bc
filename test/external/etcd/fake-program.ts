/** A program that can be taken for etcd's, as long as it is alone in its cluster. */
import { FakeEtcd, serve } from "./fake-etcd.ts";

const words = process.argv.slice(2);
if (words.includes("--version")) console.log("etcd Version: 3.4.99\nGit SHA: none");
else await serve(new FakeEtcd(), () => "answer", Number(new URL(words[words.indexOf("--listen-client-urls") + 1]!).port));
