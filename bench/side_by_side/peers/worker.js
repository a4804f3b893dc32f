// Name and offer by HTMLRewriter. Profiles are a map in memory: no look-up over a network, no click, no order.
import names from "names.json";

const OFFER = '<p class="offer">Por volver: 10 % de descuento con el c&#243;digo ' +
  '<a href="/shopping_cart.php">VUELVE10</a></p>\n';

class Welcome {
  constructor(name) {
    this.name = name;
  }

  element(element) {
    // References, as names are: HTMLRewriter writes UTF-8 into pages of any charset.
    element.setInnerContent(`Hola, ${this.name ?? "de nuevo"}, &#161;bienvenido!`, { html: true });
    if (this.name !== undefined) element.after(OFFER, { html: true });
  }
}

export default {
  async fetch(request, env) {
    const cookie = /(?:^|; )vitrina=([^;]*)/.exec(request.headers.get("Cookie") ?? "");
    const answer = await env.shop.fetch(request);
    if (!(answer.headers.get("Content-Type") ?? "").startsWith("text/html")) return answer;
    const changed = new Response(answer.body, answer);
    changed.headers.set("Cache-Control", "private, no-store");
    return new HTMLRewriter().on("#header .welcome", new Welcome(cookie ? names[cookie[1]] : undefined))
      .transform(changed);
  },
};
