/** The judge of a live run's history as a task of the pool: it takes its time, and the program goes on. */
import { HistoryReader } from "../check/history-reader.ts";
import { judgeHistory, type JudgedHistory } from "./judge-history.ts";

export default ({ jsonLines }: { readonly jsonLines: string }): JudgedHistory => {
  const reader = new HistoryReader("history.jsonl");
  for (let at = 0; at < jsonLines.length; ) {
    const end = jsonLines.indexOf("\n", at);
    reader.read(jsonLines.slice(at, end));
    at = end + 1;
  }
  if (jsonLines !== "") reader.end();
  return judgeHistory(reader.operations, reader.invoked, jsonLines);
};
