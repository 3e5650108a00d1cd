// “Exit this page” of the GOV.UK Design System, made quicker: the same markup, words and behaviour as its component in
// govuk-frontend, which is ten times as heavy. Here the page that is left also gives up its place in the tab's history,
// so that the Back button does not bring it back. Without this file the links lead away all the same.
(() => {
  "use strict";
  const root = document.querySelector("[data-module='govuk-exit-this-page']");
  const button = root.querySelector(".govuk-js-exit-this-page-button");
  const make = (tag, name, parent) => {
    const element = document.createElement(tag);
    element.className = name;
    return parent.appendChild(element);
  };
  const say = (name) => root.dataset[`i18n.${name}`];

  const announcement = make("span", "govuk-visually-hidden", root);
  announcement.setAttribute("role", "status");
  const indicator = make("span", "govuk-exit-this-page__indicator", button);
  indicator.setAttribute("aria-hidden", "true");
  const lights = [1, 2, 3].map(() => make("span", "govuk-exit-this-page__indicator-light", indicator));

  const PATIENCE = 5000; // milliseconds in which the next key must be pressed, and for which the expiry is told
  let pressed = 0;
  let wasModified = false;
  let overlay = null;
  let waiting = 0;

  const count = (keys) => {
    pressed = keys;
    indicator.classList.toggle("govuk-exit-this-page__indicator--visible", keys > 0);
    lights.forEach((light, place) => light.classList.toggle("govuk-exit-this-page__indicator-light--on", place < keys));
    clearTimeout(waiting);
  };
  const forget = () => {
    count(0);
    announcement.textContent = say("timedOut");
    waiting = setTimeout(() => { announcement.textContent = ""; }, PATIENCE);
  };
  const leave = () => {
    count(0);
    announcement.textContent = "";
    document.body.classList.add("govuk-exit-this-page-hide-content");
    overlay = make("div", "govuk-exit-this-page-overlay", document.body);
    overlay.setAttribute("role", "alert");
    overlay.textContent = say("activated");
    location.replace(button.href);
  };

  for (const link of document.querySelectorAll(".govuk-js-exit-this-page-button, .govuk-js-exit-this-page-skiplink")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
  }
  document.addEventListener("keyup", (event) => {
    // A Shift that wrote a capital letter is not meant to leave.
    if (event.key === "Shift" && !wasModified) {
      if (pressed === 2) {
        leave();
      } else {
        count(pressed + 1);
        announcement.textContent = say(pressed === 1 ? "pressTwoMoreTimes" : "pressOneMoreTime");
        waiting = setTimeout(forget, PATIENCE);
      }
    } else if (pressed) {
      forget();
    }
    wasModified = event.shiftKey;
  }, true);
  // A browser that shows the page again from its memory must not show it hidden.
  addEventListener("pageshow", () => {
    document.body.classList.remove("govuk-exit-this-page-hide-content");
    if (overlay) {
      overlay.remove();
    }
    overlay = null;
    count(0);
  });
})();
