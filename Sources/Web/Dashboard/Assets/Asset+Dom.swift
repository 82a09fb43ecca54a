// Scripts: making elements. Text is always text: nothing here parses markup.

extension Asset {
    static let dom = #"""
        // Makes elements. Strings become text nodes, never markup.

        const SVG = "http://www.w3.org/2000/svg";

        function fill(element, properties, children) {
          for (const [name, value] of Object.entries(properties ?? {})) {
            if (value === null || value === undefined || value === false) continue;
            if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
            else if (name === "class") element.setAttribute("class", value);
            else if (name in element && element.namespaceURI !== SVG && typeof value !== "string") element[name] = value;
            else element.setAttribute(name, value === true ? "" : String(value));
          }
          element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
          return element;
        }

        export function h(tag, properties, ...children) {
          return fill(document.createElement(tag), properties, children);
        }

        export function s(tag, properties, ...children) {
          return fill(document.createElementNS(SVG, tag), properties, children);
        }

        export function replace(element, ...children) {
          element.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
          return element;
        }

        // Only touches the page when something changes: live updates must not move focus or selection.
        export function setText(element, text) {
          if (element.textContent !== text) element.textContent = text;
        }

        // Characters that would be invisible or turn text around are shown by their code.
        const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

        export function pieces(text) {
          const nodes = [];
          let end = 0;
          for (const match of text.matchAll(HIDDEN)) {
            if (match.index > end) nodes.push(text.slice(end, match.index));
            const code = match[0].codePointAt(0).toString(16).padStart(4, "0");
            nodes.push(h("span", { class: "control" }, "\\u" + (code.length > 4 ? `{${code}}` : code)));
            end = match.index + match[0].length;
          }
          nodes.push(text.slice(end));
          return nodes;
        }

        // Text that a stranger chose: kept apart from ours, its direction to itself, cut when it is long.
        export function foreign(text, limit = 300, isBare = false) {
          if (text === null || text === undefined || text === "") return null;
          const whole = String(text);
          const shown = whole.length > limit ? whole.slice(0, limit) + "…" : whole;
          const element = h("bdi", { class: "foreign", title: isBare && whole.length > limit ? whole.slice(0, 300) : null }, pieces(shown));
          if (whole.length > limit && !isBare) element.append(h("span", { class: "quiet small" }, ` (${whole.length.toLocaleString("en")} characters)`));
          return element;
        }

        """#
}
