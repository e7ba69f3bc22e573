"use strict";

// GraphiQL below, the request's headers above: who asks, about whom, what for and why.

const part = (id) => document.getElementById(id);
const persona = part("persona");
const subject = part("subject");
const purpose = part("purpose");
const reason = part("reason");
const outcome = part("outcome");

/** Nothing that is typed here outlives the page. */
function forgetful() {
  const held = new Map();
  return {
    get length() {
      return held.size;
    },
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => held.set(key, value),
    removeItem: (key) => held.delete(key),
    clear: () => held.clear(),
  };
}

function fill(select, entries, label) {
  select.replaceChildren(...entries.map((entry, index) => new Option(label(entry), String(index))));
}

function say(text, fared) {
  outcome.textContent = text;
  outcome.dataset.fared = fared;
}

/** The receipt names the audit record of what was just asked, whether it was answered or refused. */
function report(answer, status) {
  const access = answer.extensions?.access ?? {};
  const code = answer.errors?.[0]?.extensions?.code;
  const receipt = access.receipt ? `receipt ${access.receipt}` : "no receipt";
  say(code ? `${code} (${status}) · ${receipt}` : `answered · ${receipt}`, code ? "ill" : "well");
}

function asker(start) {
  return async (request) => {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json",
        "content-type": "application/json",
        authorization: `Bearer ${start.personas[persona.value].token}`,
        "x-access-purpose": purpose.value,
        "x-access-reason": encodeURIComponent(reason.value),
      },
      body: JSON.stringify(request),
    });
    const answer = await response.json();
    report(answer, response.status);
    return answer;
  };
}

function show(start, fetcher, storage) {
  const chosen = start.subjects[subject.value];
  const variables = JSON.stringify({ id: chosen ? chosen.id : "" }, null, 2);
  const settings = {
    fetcher,
    storage,
    variables,
    query: start.query,
    schema: start.schema,
    defaultEditorToolsVisibility: "variables",
    isHeadersEditorEnabled: false,
    shouldPersistHeaders: false,
  };
  ReactDOM.render(React.createElement(GraphiQL, settings), part("graphiql"));
}

async function begin() {
  const response = await fetch("/console/personas");
  if (!response.ok) {
    throw new Error(`the personas cannot be loaded (${response.status})`);
  }
  const start = await response.json();
  fill(persona, start.personas, (each) => each.name);
  fill(subject, start.subjects, (each) => each.name);
  purpose.replaceChildren(...start.purposes.map((each) => new Option(`${each.name}: ${each.title}`, each.name)));

  const tell = () => {
    const about = start.subjects[subject.value]?.story ?? "";
    part("story").textContent = `${start.personas[persona.value].story} The child: ${about}`;
  };
  const choose = () => {
    purpose.value = start.personas[persona.value].purpose;
    tell();
  };
  const fetcher = asker(start);
  const storage = forgetful();
  persona.addEventListener("change", choose);
  subject.addEventListener("change", () => {
    tell();
    show(start, fetcher, storage);
  });
  part("access").addEventListener("submit", (event) => event.preventDefault());
  choose();
  show(start, fetcher, storage);
}

begin().catch((error) => {
  say(`The console cannot start: ${error.message}. Reload the page once the demonstration runs.`, "ill");
});
