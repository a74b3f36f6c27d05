import { createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { signLowS } from '../../../network/identity/signature';
import { hasLowS } from '../../../network/runtimes/embedded/msp/low-s';

describe('a signature as Fabric wants it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('verifies and always has a low S', () => {
    // About half of all signatures come out high; short values of R and S come about once in 256.
    for (let index = 0; index < 600; index += 1) {
      const message = randomBytes(index % 100);
      const signature = signLowS(privateKey, message);
      expect(createVerify('sha256').update(message).verify(publicKey, signature)).toBe(true);
      expect(hasLowS(signature, 'prime256v1')).toBe(true);
    }
  });

  it('is not made with a key on another curve', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    expect(() => signLowS(other, Buffer.from('message'))).toThrow('only keys on P-256 sign');
  });
});
