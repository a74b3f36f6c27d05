export { loadPurposes, loadRecordTypes } from './catalogue';
export { consortiumState } from './consortium-state';
export { fingerprintOf, newDepartmentKey } from './department-keys';
export {
  administratorIdentity,
  departmentIdentity,
  enterpriseIdentity,
  issueEnterpriseUser,
  issueIdentities,
  type DepartmentRole,
} from './identities';
export { setUpConsortium } from './set-up';
