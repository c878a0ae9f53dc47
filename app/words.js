// The words of the screens. French is in the pages; the other languages come when somebody reads them, one file each.
import { useSyncExternalStore } from "react";
import { useStateContext } from "$/utils/context-registry";

const files = { /* files */ };
const said = { fr: {} };
const readers = new Set();
const speakers = {};
let changes = 0;

const filled = (sentence, params) =>
  params ? sentence.replace(/\{(\w+)\}/g, (place, name) => (name in params ? String(params[name]) : place)) : sentence;

const speaker = (words) => (french, params) => filled(words[french] ?? french, params);
speakers.fr = speaker(said.fr);

function load(language) {
  if (!files[language] || said[language]) return;
  said[language] = {};
  files[language]().then(
    (file) => {
      said[language] = file.default;
      speakers[language] = speaker(file.default);
      changes += 1;
      readers.forEach((tell) => tell());
    },
    () => delete said[language], // it is asked for again when something is next drawn
  );
}

// asked for with the page itself, not only once the server has said who reads it
load(/(?:^|; )boussole_language=(\w+)/.exec(globalThis.document?.cookie || "")?.[1]);

const subscribe = (tell) => {
  readers.add(tell);
  return () => readers.delete(tell);
};

// What says a French sentence in the reader's language; drawn anew when she chooses another or its words arrive.
export function useWords() {
  const language = useStateContext("/* state */")["/* lang */"];
  useSyncExternalStore(subscribe, () => changes, () => 0);
  load(language);
  return speakers[language] || speakers.fr;
}
