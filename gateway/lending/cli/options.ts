import { Option } from 'commander';
import { defaultDirectory } from '../../../network/topology/network-file';

/** What the subcommands of `lending` share. */
export interface NetworkOptions {
  readonly directory: string;
  readonly organisation: string;
}

export const directoryOption = (): Option =>
  new Option('--directory <dir>', "the network's directory").default(defaultDirectory);

export const organisationOption = (): Option =>
  new Option('--organisation <name>', 'organisation whose peer and identity are used').makeOptionMandatory();

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
