/** Why the signer does not sign; the text is for the person in front of it. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Refusal';
  }
}
