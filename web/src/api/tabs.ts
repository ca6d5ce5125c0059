// What the tabs of one browser owe each other: news, and turns. Where a page comes without https there
// are no locks; then tabs do without turns, and the server forgives what comes twice at once.

/** Time to hear the news before one's own turn comes. */
const NEWS_MS = 50;

export class Tabs<News> {
  readonly #name: string;
  readonly #channel: BroadcastChannel;
  #letGo: () => void = () => undefined;

  constructor(name: string, heard: (news: News) => void) {
    this.#name = name;
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener("message", ({ data }) => heard(data as News));
  }

  /** All others, not this tab. */
  tell(news: News): void {
    this.#channel.postMessage(news);
  }

  /** One tab after another, the next one when it has heard what came of this one. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    if (!navigator.locks) return act();
    return new Promise((resolve, reject) => {
      const turn = async () => {
        await act().then(resolve, reject);
        await new Promise((heard) => setTimeout(heard, NEWS_MS));
      };
      navigator.locks.request(this.#name, turn).catch(reject);
    });
  }

  /** Be one of those who can be asked, until `leave`. */
  join(): void {
    const held = () =>
      new Promise<void>((letGo) => {
        this.#letGo = letGo;
      });
    void navigator.locks?.request(this.#members, { mode: "shared" }, held);
  }

  leave(): void {
    this.#letGo();
  }

  /** Whether any tab can be asked: nobody waits for an answer that cannot come. */
  async anyJoined(): Promise<boolean> {
    const locks = await navigator.locks?.query();
    return locks?.held?.some(({ name }) => name === this.#members) ?? false;
  }

  get #members(): string {
    return `${this.#name}-members`;
  }
}
