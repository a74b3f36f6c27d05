// fabric-contract-api logs every decorated method at info when a contract is loaded.
process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
