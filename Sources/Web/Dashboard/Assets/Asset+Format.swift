// Scripts: numbers, sizes, durations and moments in words.

extension Asset {
    static let format = #"""
        // Numbers, sizes, durations and moments as people read them.

        export const count = (number) => Number(number ?? 0).toLocaleString("en");

        export const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

        export function size(bytes) {
          const units = ["B", "kB", "MB", "GB", "TB"];
          let value = Number(bytes ?? 0), unit = 0;
          while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
          return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
        }

        export function duration(seconds) {
          if (!Number.isFinite(seconds)) return "–";
          const value = Math.max(0, seconds);
          if (value < 60) return `${Math.round(value)} s`;
          if (value < 3600) return `${Math.floor(value / 60)} min`;
          if (value < 86400) return two(value, 3600, "h", 60, "min");
          return two(value, 86400, "d", 3600, "h");
        }

        function two(value, large, largeName, small, smallName) {
          const first = Math.floor(value / large), second = Math.floor((value % large) / small);
          return second ? `${first} ${largeName} ${second} ${smallName}` : `${first} ${largeName}`;
        }

        export function micro(value) {
          if (!value) return "–";
          if (value < 1000) return `${value} µs`;
          if (value < 100000) return `${(value / 1000).toFixed(1)} ms`;
          if (value < 1000000) return `${Math.round(value / 1000)} ms`;
          return `${(value / 1000000).toFixed(1)} s`;
        }

        export function rate(perSecond) {
          if (!Number.isFinite(perSecond)) return "–";
          if (perSecond === 0) return "0 /s";
          if (perSecond < 1) return `${(perSecond * 60).toFixed(perSecond * 60 < 10 ? 1 : 0)} /min`;
          return `${perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))} /s`;
        }

        export function percent(part, whole) {
          if (!whole) return "–";
          const value = (100 * part) / whole;
          return value === 100 || value === 0 ? `${value} %` : value > 99.9 ? "99.9 %" : `${value.toFixed(1)} %`;
        }

        // The daemon's clock, not the browser's: what it says now is what its times are compared with.
        let offset = 0;
        export function heardTime(text) { offset = Date.parse(text) - Date.now(); }
        export const now = () => Date.now() + offset;

        export const secondsSince = (text) => (now() - Date.parse(text)) / 1000;
        export const ago = (text) => {
          const seconds = secondsSince(text);
          return seconds < 2 ? "just now" : `${duration(seconds)} ago`;
        };
        export const ahead = (text) => {
          const seconds = -secondsSince(text);
          return seconds <= 1 ? "now" : `in ${duration(seconds)}`;
        };

        const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
        const written = new Intl.DateTimeFormat("sv-SE", PARTS);
        export const local = (text) => written.format(new Date(text));
        export const clock = (text) => local(text).slice(11, 16);

        """#
}
