/* What stands over the map: the way back with the county's name, the legend, which is a filter too, the badge
 * of a filter, the heat layer's button, and a line about tickets that are not at their place.
 */
"use strict";

class Overlays {
    constructor(page, text) {
        this.page = page;
        this.words = text.words;
        this.top = this.add("div", "top");
        this.home = this.button(this.top, "home", this.words.home, () => page.bridge.home_pressed());
        this.county = L.DomUtil.create("b", "county-name", this.top);
        this.list = this.button(this.top, "list", this.words.list, () => page.bridge.list_pressed());
        this.badge = this.add("div", "badge");
        this.badgeText = L.DomUtil.create("span", "", this.badge);
        this.button(this.badge, "clear", this.words.clear, () => page.bridge.clear_pressed());
        this.heat = this.button(page.map.getContainer(), "heat", "", () => page.bridge.heat_pressed());
        this.addLegend(text);
        this.layers = this.add("div", "layers");
        this.explained = new Map();
        this.aside = this.add("div", "aside");
        this.unplaced = this.button(this.aside, "", "", () => page.bridge.aside_pressed("unplaced"));
        this.outside = this.button(this.aside, "", "", () => page.bridge.aside_pressed("outside"));
        this.approval = text.approval;
        if (text.approval) L.DomUtil.create("span", "approval", this.aside).textContent = text.approval;
        this.show({ area: "", areas: [], states: [], filtered: "", heatKind: "off", large: false,
            totals: [], total: 0, unplaced: 0, outside: 0 });
    }

    add(tag, name) {
        const made = L.DomUtil.create(tag, name, this.page.map.getContainer());
        L.DomEvent.disableClickPropagation(made);
        return made;
    }

    button(parent, name, text, pressed) {
        const made = L.DomUtil.create("button", name, parent);
        made.textContent = text;
        made.addEventListener("click", pressed);
        L.DomEvent.disableClickPropagation(made);
        return made;
    }

    addLegend(text) {
        const legend = this.add("div", "legend");
        this.entries = new Map();
        for (const index of text.legend) {
            const state = this.page.marks.state(index);
            const entry = this.button(legend, "", "", () => this.page.bridge.state_pressed(index));
            entry.append(shapeIcon(state.shape, state.paint), state.word);
            this.entries.set(index, { entry, count: L.DomUtil.create("b", "", entry) });
        }
        const key = L.DomUtil.create("span", "key", legend);
        L.DomUtil.create("i", "ring", key);
        key.append(this.words.ring);
        this.ramp = L.DomUtil.create("span", "key ramp", legend);
        this.ramp.append(this.words.sparse);
        L.DomUtil.create("i", "colours", this.ramp);
        this.ramp.append(this.words.dense);
    }

    /* Says what the marks of a layer mean, [[colour, shape, words], …]; nothing for a layer that is off. */
    explain(key, word, legend) {
        this.explained.delete(key);
        if (legend.length > 0) this.explained.set(key, { word, legend });
        this.layers.textContent = "";
        for (const { word: title, legend: entries } of this.explained.values()) {
            const line = L.DomUtil.create("div", "", this.layers);
            L.DomUtil.create("b", "", line).textContent = title;
            for (const [colour, shape, words] of entries) {
                const entry = L.DomUtil.create("span", "", line);
                entry.append(shapeIcon(shape, this.page.marks.layers.colour(colour)), words);
            }
        }
        this.layers.classList.toggle("empty", this.explained.size === 0);
    }

    /* Shows what the last piece of a push says; texts are set only where they changed. */
    show(scene) {
        const container = this.page.map.getContainer();
        container.classList.toggle("large", scene.large);
        container.classList.toggle("in-county", scene.areas.length > 0);
        container.classList.toggle("filtered", Boolean(scene.filtered));
        this.write(this.county, `${scene.area} · ${this.tickets(scene.total)}`);
        this.write(this.badgeText, `${this.words.filtered} ${scene.filtered} · ${this.tickets(scene.total)}`);
        this.write(this.heat, `${this.words.heat} · ${this.words["heat_" + scene.heatKind]}`);
        this.heat.classList.toggle("on", scene.heatKind !== "off");
        this.ramp.dataset.kind = scene.heatKind;
        for (const [index, { entry, count }] of this.entries) {
            this.write(count, figure(scene.totals[index] || 0));
            const pressed = scene.states.includes(index);
            entry.classList.toggle("off", scene.states.length > 0 && !pressed);
            entry.setAttribute("aria-pressed", pressed);
        }
        this.say(this.unplaced, this.words.unplaced, scene.unplaced);
        this.say(this.outside, this.words.outside, scene.outside);
        this.aside.classList.toggle("empty", !this.approval && scene.unplaced + scene.outside === 0);
    }

    say(button, words, tickets) {
        this.write(button, words.replace("{0}", figure(tickets)));
        button.style.display = tickets > 0 ? "" : "none";
    }

    tickets(count) {
        return this.words.tickets.replace("{0}", figure(count));
    }

    write(element, text) {
        if (element.textContent !== text) element.textContent = text;
    }
}
