// Times in the viewer's zone and language. Without it they stand in UTC.
(() => {
  const styles = {
    full: { dateStyle: "medium", timeStyle: "short" },
    time: { timeStyle: "short" },
    precise: { dateStyle: "medium", timeStyle: "medium" },
  };
  const since = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  const words = (time, style) => {
    if (style !== "since") {
      const today = time.toDateString() === new Date().toDateString();
      return new Intl.DateTimeFormat(undefined, (today || style !== "time") && styles[style] || styles.full).format(time);
    }
    const seconds = Math.round((time - Date.now()) / 1000);
    const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units.at(-1);
    return since.format(Math.round(seconds / size), unit);
  };

  const show = (root) => {
    for (const element of root.querySelectorAll("time[datetime]")) {
      const time = new Date(element.dateTime);
      element.textContent = words(time, element.dataset.style);
      element.title = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" }).format(time);
    }
  };

  show(document);

  // what was asked for in another zone is the same time here
  for (const field of document.querySelectorAll("[data-zone]")) {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
  for (const field of document.querySelectorAll("[data-at]")) {
    const at = new Date(field.dataset.at);
    field.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }

  // what is called a button is pressed as one
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches("a[role=button]")) {
      event.preventDefault();
      event.target.click();
    }
  });

  // on a narrow screen the bar goes on beyond its edge
  for (const here of document.querySelectorAll(".top [aria-current]")) {
    here.closest("nav").scrollLeft = here.offsetLeft - 100;
  }

  // pressed twice is meant once
  const pressed = new WeakMap();
  document.addEventListener("submit", (event) => {
    const button = event.submitter ?? event.target;
    if (event.timeStamp - pressed.get(button) < 3000) {
      event.preventDefault();
    } else {
      pressed.set(button, event.timeStamp);
    }
  });

  // what was typed outlives a session that is over
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const field = form.elements[form.dataset.keep];
    field.value = sessionStorage.getItem(location.pathname) ?? field.value;
    sessionStorage.removeItem(location.pathname);
    form.addEventListener("submit", () => sessionStorage.setItem(location.pathname, field.value));
  }
  document.querySelector(".who").addEventListener("submit", () => sessionStorage.clear());

  document.addEventListener("htmx:afterSettle", () => show(document));
  // what was asked for is read on from where it begins
  document.addEventListener("htmx:afterSettle", () => document.getElementById("result")?.focus({ preventScroll: true }));

  // files from a disk become texts of the form
  for (const chooser of document.querySelectorAll("[data-files]")) {
    chooser.closest("label").hidden = false;
    chooser.addEventListener("change", async () => {
      for (const file of chooser.files) {
        for (const [name, value] of [["file", file.name], ["text", await file.text()]]) {
          const field = document.createElement("textarea");
          Object.assign(field, { name, value, hidden: true });
          chooser.form.append(field);
        }
      }
      chooser.form.action = "/console/preview/edit";
      chooser.form.noValidate = true;
      chooser.form.submit();
    });
  }

  // a session that is over answers with the sign-in page
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.responseURL.includes("/console/login")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });

  // an answer that is no success is a page of its own: nobody waits for nothing
  document.addEventListener("htmx:responseError", (event) => event.detail.elt.closest("form")?.submit());
})();
