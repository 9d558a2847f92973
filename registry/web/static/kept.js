/* What somebody typed into a form outlives their session: it waits in this tab alone
   until the same person has signed in again, and the form is filled with it. */

(() => {
  "use strict";

  const KEPT = "vigiparc.kept";
  const APART = ["button", "file", "hidden", "image", "password", "reset", "submit"];
  const { person } = document.body.dataset;
  const canBeOpened = "page" in document.body.dataset;
  const page = location.pathname + location.search;

  // Secrets are marked as not to be remembered. The version goes along: whatever somebody
  // else changed meanwhile is still told of.
  const fieldsOf = (form) =>
    [...form.elements].filter(
      (field) =>
        field.name === "version" ||
        (field.name && field.autocomplete !== "off" && !APART.includes(field.type)),
    );
  const slot = (field) => (["checkbox", "radio"].includes(field.type) ? "checked" : "value");
  const shape = (form) =>
    JSON.stringify([form.getAttribute("action"), fieldsOf(form).map((field) => field.name)]);

  document.addEventListener("submit", ({ target: form }) => {
    if (!person || !canBeOpened || form.getAttribute("method") !== "post") return;
    const values = fieldsOf(form).map((field) => field[slot(field)]);
    const kept = { person, page, shape: shape(form), values };
    if (values.length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
    else sessionStorage.removeItem(KEPT);
  });

  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  if (!kept) return;
  const note = document.querySelector("[data-kept]");

  const back = document.querySelector("[data-back]");

  if (!person || back) {
    // A page for visitors, or for a form of an older session, answers what a person sent.
    sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, refused: true }));
    for (const way of document.querySelectorAll("[data-sign-in]")) {
      const name = way.hasAttribute("href") ? "href" : "action";
      const address = new URL(way.getAttribute(name), location);
      address.searchParams.set("next", kept.page);
      way.setAttribute(name, address.pathname + address.search);
    }
    if (back) {
      back.href = kept.page;
      back.hidden = false;
    } else {
      note.hidden = false;
    }
    return;
  }

  sessionStorage.removeItem(KEPT);
  if (!kept.refused || kept.person !== person || kept.page !== page) return;
  const form = [...document.forms].find((each) => shape(each) === kept.shape);
  if (!form) return;
  fieldsOf(form).forEach((field, place) => {
    field[slot(field)] = kept.values[place];
  });
  form.before(note);
  note.hidden = false;
  note.scrollIntoView();
})();
