/** Said once where a download that was kept on this machine is not what it was. */
export const damagedDownload =
  'Parts of an earlier download have changed on this machine since, by a fault of its disk or by another program. They are not used: they are fetched again.';
