/// What a page can do where scripts run: tables sort by a click on a column's title, the pictures of a row are
/// laid over each other two by two with a slider between them, and frames are gone through with another.
///
/// All is made of buttons, menus and sliders of the browser, which work from the keyboard and are read aloud.
enum PageScript {
  static let text = """

    "use strict";
    const make = (name, properties, ...contents) => {
      const element = Object.assign(document.createElement(name), properties);
      element.append(...contents);
      return element;
    };
    const slider = (max, value, label) => Object.assign(
      make("input", { type: "range", min: 0 }), { max, value, ariaLabel: label });

    // What is empty is the least.
    const number = (text) => {
      const value = parseFloat(text);
      return Number.isNaN(value) ? -Infinity : value;
    };

    for (const table of document.querySelectorAll("table")) {
      const body = table.tBodies[0];
      [...table.tHead.rows[0].cells].forEach((cell, column) => {
        const button = make("button", { type: "button" }, cell.textContent);
        cell.replaceChildren(button);
        const text = (row) => row.cells[column].textContent;
        button.addEventListener("click", () => {
          const rises = cell.ariaSort !== "ascending";
          for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
          cell.ariaSort = rises ? "ascending" : "descending";
          const compare = cell.className === "number"
            ? (a, b) => number(text(a)) - number(text(b))
            : (a, b) => text(a).localeCompare(text(b));
          body.append(...[...body.rows].sort((a, b) => rises ? compare(a, b) : compare(b, a)));
        });
      });
    }

    for (const figure of document.querySelectorAll("figure:has(template)")) {
      const image = figure.querySelector("img");
      const frames = [...figure.querySelector("template").content.children];
      const title = make("span", {}, frames.at(-1).alt);
      const range = slider(frames.length - 1, frames.length - 1, "Frame");
      const last = [image.src, image.alt];
      range.addEventListener("input", () => {
        const frame = frames[range.value];
        const isLast = Number(range.value) === frames.length - 1;
        [image.src, image.alt] = isLast ? last : [frame.src, frame.alt];
        range.ariaValueText = title.textContent = frame.alt;
      });
      figure.append(make("label", {}, title, range));
    }

    for (const row of document.querySelectorAll(".row")) {
      const images = [...row.querySelectorAll("figure > img")];
      const size = (image) => `${image.getAttribute("width")}×${image.getAttribute("height")}`;
      if (images.length < 2 || images.some((image) => size(image) !== size(images[0]))) continue;
      const [under, over] = [make("img", {}), make("img", {})];
      const menus = [0, 1].map((chosen) => make("select", {}, ...images.map((image, index) =>
        make("option", { value: index, selected: index === chosen }, image.alt))));
      const range = slider(100, 50, "How much of the second picture covers the first");
      const show = () => {
        [over, under].forEach((image, which) => {
          const source = images[menus[which].value];
          [image.src, image.alt] = [source.src, source.alt];
        });
        over.style.clipPath = `inset(0 ${100 - range.value}% 0 0)`;
      };
      for (const control of [...menus, range]) control.addEventListener("input", show);
      const details = make("details", {},
        make("summary", {}, "Lay two over each other"),
        make("label", {}, "Left ", menus[0]), make("label", {}, "Right ", menus[1]), range,
        make("div", { className: "pair" }, under, over));
      details.addEventListener("toggle", show, { once: true });
      row.after(details);
    }

    """
}
