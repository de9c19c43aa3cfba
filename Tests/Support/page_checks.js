// Rules of accessibility, checked in the page as it is shown: contrast of each text, names, headings, landmarks, tables.
// Evaluates to the faults found, each as a text.
(() => {
  const faults = [];
  const fault = (text, element) => {
    if (faults.length < 40) faults.push(`${text}: ${(element?.outerHTML ?? "").slice(0, 160)}`);
  };

  // Contrast, by the formulas of WCAG 2.
  const channels = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const grounds = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    if (element.closest("svg") || !element.checkVisibility()) continue;
    texts += 1;
    const style = getComputedStyle(element);
    if (!grounds.has(element)) grounds.set(element, ground(element));
    const under = grounds.get(element);
    const color = over({ ...channels(style.color), a: channels(style.color).a * Number(style.opacity) }, under);
    const [light, dark] = [luminance(color), luminance(under)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) fault(`contrast ${ratio.toFixed(2)}`, element);
    if (size < 11 && !matchMedia("print").matches) fault(`text of ${size}px`, element);
  }
  if (texts < 50) fault(`only ${texts} texts are shown`);

  // Structure.
  if (!document.documentElement.lang) fault("no language");
  if (!document.title) fault("no title");
  for (const name of ["header", "nav", "main", "footer"]) {
    if (document.querySelectorAll(`body > ${name}`).length !== 1) fault(`not one ${name}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) fault("a heading skips a level", heading);
    if (!heading.textContent.trim()) fault("an empty heading", heading);
    level = own;
  }
  if (document.querySelectorAll("h1").length !== 1) fault("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) fault("an id occurs twice");
  for (const link of document.querySelectorAll("a[href^='#']")) {
    if (!document.getElementById(link.getAttribute("href").slice(1))) fault("a link leads nowhere", link);
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent.trim()) fault("a table without a caption", table);
    for (const cell of table.querySelectorAll("th")) if (!cell.scope) fault("a head without a scope", cell);
    const width = table.tHead.rows[0].cells.length;
    for (const row of table.tBodies[0].rows) if (row.cells.length !== width) fault("a row of another width", row);
  }
  for (const graphic of document.querySelectorAll("svg")) {
    const isNamed = graphic.getAttribute("role") === "img" && graphic.getAttribute("aria-label");
    if (!isNamed && graphic.getAttribute("aria-hidden") !== "true") fault("a graphic without a name", graphic);
  }
  for (const field of document.querySelectorAll("input, select")) if (!field.labels.length) fault("no label", field);

  // Nothing but the page's own script and style may run or act.
  if (document.scripts.length !== 1 || document.querySelectorAll("style").length !== 1) fault("a script or style too many");
  if (document.querySelector("iframe, object, embed, form, base, img, link:not([rel=icon])")) fault("a stranger");
  for (const element of document.querySelectorAll("*")) {
    for (const { name } of element.attributes) if (/^on|^style$/.test(name)) fault(`the attribute ${name}`, element);
  }
  if (globalThis.wasHarmed) fault("a value of the input was run");

  // Nothing may stick out of the window.
  if (document.documentElement.scrollWidth > innerWidth) {
    fault(`the page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`);
  }

  // Searching and sorting the field ledger, as a person would: the rest of the page must not change.
  globalThis.checkTables = () => {
    const table = document.querySelector("table.searchable");
    const rows = () => [...table.tBodies[0].rows];
    const all = rows().length;
    const search = document.querySelector("input[type=search]");
    const type = (text) => {
      search.value = text;
      search.dispatchEvent(new Event("input"));
      return rows().filter((row) => !row.hidden).length;
    };
    const word = rows()[0].cells[1].textContent;
    const expected = rows().filter((row) => row.textContent.toLowerCase().includes(word.toLowerCase())).length;
    const found = type(word);
    const none = type("no path has this name");
    const again = type("");
    const count = (row) => Number(row.cells[4].textContent.replace(/\D/g, ""));
    const button = table.tHead.rows[0].cells[4].querySelector("button");
    button.click();
    const falling = rows().map(count);
    const sortedBy = table.tHead.rows[0].cells[4].getAttribute("aria-sort");
    button.click();
    const rising = rows().map(count);
    table.tHead.rows[0].cells[1].querySelector("button").click();
    const paths = rows().map((row) => row.cells[1].textContent);
    return {
      isSearched: found === expected && found > 0 && none === 0 && again === all,
      isSorted: falling.every((value, place) => place === 0 || falling[place - 1] >= value)
        && rising.every((value, place) => place === 0 || rising[place - 1] <= value)
        && paths.every((value, place) => place === 0 || paths[place - 1] <= value)
        && sortedBy === "descending",
      status: document.querySelector(".tools output").textContent,
    };
  };
  return faults;
})();
